"""The versions of a function, and which of them its alias points to."""

from typing import TYPE_CHECKING

from refund_stack.stack import ALIAS

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient


def live_version(functions: "LambdaClient", name: str) -> str:
    """Return the version that API and queue invoke."""
    return functions.get_alias(FunctionName=name, Name=ALIAS)["FunctionVersion"]


def published(functions: "LambdaClient", name: str) -> str:
    """Publish what the function is now, and return the number of the version."""
    version = functions.publish_version(FunctionName=name)["Version"]
    functions.get_waiter("published_version_active").wait(
        FunctionName=name, Qualifier=version
    )
    return version


def point_to(functions: "LambdaClient", name: str, version: str) -> None:
    """Let API and queue invoke this version."""
    functions.update_alias(FunctionName=name, Name=ALIAS, FunctionVersion=version)
