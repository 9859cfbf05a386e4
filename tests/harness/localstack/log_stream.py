"""An execution environment's log stream, made as Lambda does: by the function's role.

LocalStack would make it at the first write, after an attempt at the log *group* that a
role with the permissions it needs, and no more, may not make.
"""

import logging
from collections.abc import Mapping
from contextvars import ContextVar
from functools import cache
from typing import Any

from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from localstack.aws.connect import connect_to

LOG = logging.getLogger(__name__)
_caller: ContextVar[Credentials] = ContextVar("caller")


def create(environment: Mapping[str, str]) -> None:
    """Create the stream that ``environment``, a function's, names; log a refusal."""
    caller = Credentials(
        environment["AWS_ACCESS_KEY_ID"],
        environment["AWS_SECRET_ACCESS_KEY"],
        environment["AWS_SESSION_TOKEN"],
    )
    _caller.set(caller)
    logs = _client(environment["AWS_REGION"])
    group = environment["AWS_LAMBDA_LOG_GROUP_NAME"]
    stream = environment["AWS_LAMBDA_LOG_STREAM_NAME"]
    try:
        try:
            logs.create_log_stream(logGroupName=group, logStreamName=stream)
        except logs.exceptions.ResourceNotFoundException:
            logs.create_log_group(logGroupName=group)
            logs.create_log_stream(logGroupName=group, logStreamName=stream)
    except ClientError as error:
        LOG.warning("no log stream in %s: %s", group, error)


@cache
def _client(region: str) -> Any:  # noqa: ANN401 - boto3's
    # One for all callers: to make one takes ten milliseconds. By the key, which nobody
    # has, LocalStack keeps it apart from other clients, and the gate would refuse it.
    client = connect_to(region_name=region, aws_access_key_id=__name__).logs
    client.meta.events.register("before-call.logs.*", _sign_as_caller)
    return client


def _sign_as_caller(context: dict[str, Any], **_others: object) -> None:
    # As botocore's S3 does where each bucket has credentials of its own.
    context.setdefault("signing", {})["request_credentials"] = _caller.get()
