"""An execution environment's log stream, made as Lambda does: by the function's role.

LocalStack would make it at the first write, after an attempt at the log *group* that a
role with the permissions it needs, and no more, may not make.
"""

import logging
from collections.abc import Mapping

from botocore.exceptions import ClientError
from localstack.aws.connect import connect_to

LOG = logging.getLogger(__name__)


def create(environment: Mapping[str, str]) -> None:
    """Create the stream that ``environment``, a function's, names; log a refusal."""
    logs = connect_to(
        region_name=environment["AWS_REGION"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=environment["AWS_SESSION_TOKEN"],
    ).logs
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
