"""What a command says when a call to AWS, or to LocalStack, fails."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from harness.errors import HarnessError


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
