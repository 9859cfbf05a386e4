"""The AWS clients of the tool, and what it says when a call fails."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from harness.errors import HarnessError

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_lambda import LambdaClient
    from types_boto3_logs import CloudWatchLogsClient
    from types_boto3_sqs import SQSClient

# Retries are safe: every call reads, or may be repeated without harm.
_CONFIG = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard"})


@dataclass(frozen=True, slots=True)
class Clients:
    """What the tool talks to."""

    cloudformation: "CloudFormationClient"
    sqs: "SQSClient"
    functions: "LambdaClient"
    logs: "CloudWatchLogsClient"


def connect(endpoint_url: str | None, region: str | None) -> Clients:
    """Make the clients; credentials come from where AWS's own tools take them."""
    with said_plainly():
        session = boto3.Session(region_name=region)

        return Clients(
            session.client("cloudformation", endpoint_url=endpoint_url, config=_CONFIG),
            session.client("sqs", endpoint_url=endpoint_url, config=_CONFIG),
            session.client("lambda", endpoint_url=endpoint_url, config=_CONFIG),
            session.client("logs", endpoint_url=endpoint_url, config=_CONFIG),
        )


@contextmanager
def said_plainly() -> Iterator[None]:
    """Turn what boto3 raises into one message."""
    try:
        yield
    except ClientError as error:
        operation = error.operation_name
        told = error.response["Error"]
        raise HarnessError(f"{operation}: {told['Code']}: {told['Message']}") from error
    except BotoCoreError as error:
        raise HarnessError(str(error)) from error
