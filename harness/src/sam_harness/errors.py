"""What the harness says when it cannot go on."""

from collections.abc import Iterator
from contextlib import contextmanager


class HarnessError(Exception):
    """Something failed; the message names the file or resource. Exit status 1."""

    exit_status = 1


class UsageError(HarnessError):
    """The call itself is wrong (missing file, unknown option). Exit status 2."""

    exit_status = 2


@contextmanager
def said_plainly() -> Iterator[None]:
    """Turn what boto3 raises, when a call to AWS or LocalStack fails, into one message.

    Raises:
        HarnessError: names the operation, the code and the message.
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
        raise HarnessError(str(error)) from error
