"""The one moment in which a function uses some of its permissions, once more."""

from typing import TYPE_CHECKING
from uuid import uuid4

from sam_harness.waiting import wait_until
from service.functions import point_to, publish_version

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient
    from types_boto3_lambda.type_defs import (
        EventSourceMappingConfigurationTypeDef,
    )


def publish_anew(functions: "LambdaClient", name: str) -> None:
    """Let the alias point to a version that has not been started yet."""
    functions.update_function_configuration(
        FunctionName=name, Description=f"started anew {uuid4()}"
    )
    functions.get_waiter("function_updated_v2").wait(FunctionName=name)
    point_to(functions, name, publish_version(functions, name))


def remake_mapping(functions: "LambdaClient", name: str, queue_arn: str) -> None:
    """Connect the queue and the function once more.

    Raises:
        ClientError: it is refused; then they are not connected.
    """

    def listed() -> list["EventSourceMappingConfigurationTypeDef"]:
        found = functions.list_event_source_mappings(FunctionName=name)
        return found["EventSourceMappings"]

    for mapping in listed():
        functions.delete_event_source_mapping(UUID=mapping["UUID"])
    wait_until(listed, lambda left: not left, what="no mapping", timeout_s=20)
    functions.create_event_source_mapping(
        FunctionName=name,
        EventSourceArn=queue_arn,
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )
