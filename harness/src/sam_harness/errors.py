"""What the harness says when it cannot go on."""

from collections.abc import Iterator
from contextlib import contextmanager


class HarnessError(Exception):
    """Something failed; the message names the file or resource. Exit status 1."""

    exit_status = 1


class UsageError(HarnessError):
    """The call itself is wrong (missing file, unknown option). Exit status 2."""

    exit_status = 2


# What botocore says alone does not help somebody who is new to it.
_ADVICE = {
    "NoRegionError": "set AWS_DEFAULT_REGION, or AWS_PROFILE to one with a region",
    "NoCredentialsError": "run `aws configure` or `aws sso login`, or set AWS_PROFILE",
}


@contextmanager
def said_plainly() -> Iterator[None]:
    """Turn what boto3 raises, when a call to AWS or LocalStack fails, into one message.

    Raises:
        HarnessError: names the operation, the code and the message, or what to set.
    """
    from botocore.exceptions import (  # noqa: PLC0415 - most commands need no botocore
        BotoCoreError,
        ClientError,
    )

    try:
        yield
    except ClientError as error:
        operation = error.operation_name
        told = error.response["Error"]
        raise HarnessError(f"{operation}: {told['Code']}: {told['Message']}") from error
    except BotoCoreError as error:
        parts = [str(error).removesuffix("."), _ADVICE.get(type(error).__name__)]
        raise HarnessError(": ".join(filter(None, parts))) from error
