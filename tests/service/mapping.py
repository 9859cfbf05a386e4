"""The event source mapping between the refund queue and the Processor."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from harness.polling import wait_until

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient
    from types_boto3_lambda.type_defs import EventSourceMappingConfigurationTypeDef


def the_mapping(
    functions: "LambdaClient", consumer: str
) -> "EventSourceMappingConfigurationTypeDef":
    """Return the only mapping of a function, which is named with its alias."""
    found = functions.list_event_source_mappings(FunctionName=consumer)
    (mapping,) = found["EventSourceMappings"]
    return mapping


@contextmanager
def paused(functions: "LambdaClient", consumer: str) -> Iterator[None]:
    """Let messages pile up; afterwards they are delivered together.

    ``consumer`` is the function as the mapping names it: with its alias.
    """
    uuid = the_mapping(functions, consumer)["UUID"]
    _set(functions, uuid, enabled=False)
    try:
        yield
    finally:
        _set(functions, uuid, enabled=True)


def _set(functions: "LambdaClient", uuid: str, *, enabled: bool) -> None:
    functions.update_event_source_mapping(UUID=uuid, Enabled=enabled)
    wait_until(
        lambda: functions.get_event_source_mapping(UUID=uuid)["State"],
        lambda state: state == ("Enabled" if enabled else "Disabled"),
        what=f"the mapping to be {'enabled' if enabled else 'disabled'}",
        timeout_s=30,
    )
