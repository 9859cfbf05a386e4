"""The AWS clients: built once, during INIT, and shared by every invocation."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, cast

from botocore.config import Config
from botocore.session import Session

from refunds.adapters.aws_calls import guard

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_secretsmanager import SecretsManagerClient
    from types_boto3_sqs import SQSClient

# A call that hangs ends within 5 s: two reads of 2 s, and up to 1 s between them. What
# a function has left, for all of its calls, `aws_calls.in_time` sees to.
_CONFIG = Config(
    tcp_keepalive=True,
    # A fixed name: botocore would put a long one together four times per request.
    user_agent="refunds",
    # The type checker validates parameters, and DynamoDB needs no account's endpoint.
    parameter_validation=False,
    account_id_endpoint_mode="disabled",
    connect_timeout=1,
    read_timeout=2,
    retries={"mode": "standard", "total_max_attempts": 2},
)


@cache
def _session() -> Session:
    """Return the one session, so that credentials are resolved only once."""
    session = Session()
    guard(session)
    return session


@cache
def dynamodb_client() -> DynamoDBClient:
    """Return the DynamoDB client, which threads may share."""
    client = _session().create_client("dynamodb", config=_CONFIG)
    return cast("DynamoDBClient", client)


@cache
def sqs_client() -> SQSClient:
    """Return the SQS client, which threads may share."""
    client = _session().create_client("sqs", config=_CONFIG)
    return cast("SQSClient", client)


@cache
def secrets_client() -> SecretsManagerClient:
    """Return the Secrets Manager client, which threads may share."""
    client = _session().create_client("secretsmanager", config=_CONFIG)
    return cast("SecretsManagerClient", client)
