"""The deployed functions: versions, the event source mapping, and their processes."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sam_harness.waiting import wait_until
from service.deployed import ALIAS

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient
    from types_boto3_lambda.type_defs import EventSourceMappingConfigurationTypeDef


def live_version(functions: "LambdaClient", name: str) -> str:
    """Return the version that API and queue invoke."""
    return functions.get_alias(FunctionName=name, Name=ALIAS)["FunctionVersion"]


def publish_version(functions: "LambdaClient", name: str) -> str:
    """Publish the function's code and settings as a version, and return its number."""
    version = functions.publish_version(FunctionName=name)["Version"]
    functions.get_waiter("published_version_active").wait(
        FunctionName=name, Qualifier=version
    )
    return version


def point_to(functions: "LambdaClient", name: str, version: str) -> None:
    """Let API and queue invoke this version."""
    functions.update_alias(FunctionName=name, Name=ALIAS, FunctionVersion=version)


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


def kill_processes(function_name: str) -> int:
    """SIGKILL what runs the function on this machine; return how many there were."""
    pids = [
        int(directory.name)
        for directory in Path("/proc").glob("[0-9]*")
        if _runs(directory, function_name)
    ]
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    return len(pids)


def _set(functions: "LambdaClient", uuid: str, *, enabled: bool) -> None:
    functions.update_event_source_mapping(UUID=uuid, Enabled=enabled)
    wait_until(
        lambda: functions.get_event_source_mapping(UUID=uuid)["State"],
        lambda state: state == ("Enabled" if enabled else "Disabled"),
        what=f"the mapping to be {'enabled' if enabled else 'disabled'}",
        timeout_s=30,
    )


def _runs(process: Path, function_name: str) -> bool:
    try:
        command = (process / "cmdline").read_bytes().split(b"\0")
        environment = (process / "environ").read_bytes().split(b"\0")
    except OSError:  # gone meanwhile, or not ours
        return False
    named = f"AWS_LAMBDA_FUNCTION_NAME={function_name}".encode()
    return b"awslambdaric" in command and named in environment
