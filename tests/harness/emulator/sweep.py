"""Removes what costs a kept LocalStack something after the run that made it.

Functions have processes, and a queue that feeds one is looked into twenty times a
second. What only takes memory stays until LocalStack ends.
"""

import boto3

from harness.emulator import gate_client
from harness.polling import wait_until

DELETE_TIMEOUT_S = 60


def account(session: boto3.Session, endpoint_url: str) -> None:
    """Delete an account's stacks, mappings and functions; forget its decisions.

    Raises:
        DeadlineError: a stack is not gone in time.

    """
    _delete_stacks(session)
    functions = session.client("lambda")
    for mapping in functions.list_event_source_mappings()["EventSourceMappings"]:
        functions.delete_event_source_mapping(UUID=mapping["UUID"])
    pages = functions.get_paginator("list_functions").paginate()
    for name in [one["FunctionName"] for page in pages for one in page["Functions"]]:
        functions.delete_function(FunctionName=name)
    number = session.client("sts").get_caller_identity()["Account"]
    gate_client.clear(endpoint_url, number)


def _delete_stacks(session: boto3.Session) -> None:
    cloudformation = session.client("cloudformation")

    def there() -> list[str]:
        return [
            one["StackName"] for one in cloudformation.describe_stacks()["Stacks"]
            if one["StackStatus"] not in {"DELETE_COMPLETE", "DELETE_FAILED"}
        ]  # fmt: skip

    for name in there():
        cloudformation.delete_stack(StackName=name)
    wait_until(
        there,
        lambda left: not left,
        what="stacks of a run that is over",
        timeout_s=DELETE_TIMEOUT_S,
    )
