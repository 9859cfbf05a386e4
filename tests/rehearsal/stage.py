"""What a local stack needs to be taken for a stage: the operator's environment."""

import os

from harness.emulator.session import DEFAULT_ACCOUNT
from refund_stack.stack import RefundStack


def operator_environment(stack: RefundStack) -> dict[str, str]:
    """Return the environment of somebody who works on this stack.

    The API's address has to be given: its outputs hold the one that AWS would serve.
    """
    return {
        **account_environment(stack.endpoint_url, stack.region),
        "API_URL": stack.api_url,
    }


def account_environment(endpoint_url: str, region: str) -> dict[str, str]:
    """Return the environment of somebody with credentials for a LocalStack."""
    return {
        **os.environ,
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_DEFAULT_REGION": region,
        "AWS_ACCESS_KEY_ID": DEFAULT_ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "test",
    }
