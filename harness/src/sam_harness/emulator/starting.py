"""Starts the LocalStack that was chosen.

Containers are imported where they are used: their libraries may not be installed.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from sam_harness.emulator.choice import CONTAINER, Progress
from sam_harness.emulator.embedded import EmbeddedLocalStack
from sam_harness.errors import HarnessError

if TYPE_CHECKING:
    from sam_harness.emulator.container import ContainerLocalStack

type LocalStack = ContainerLocalStack | EmbeddedLocalStack


def container_is_possible(on_progress: Progress) -> str:
    """Build the container's image if need be, and return what there is.

    Raises:
        HarnessError: no Docker engine answers, or there is no way to the image.
    """
    with _extra_installed():
        from sam_harness.emulator import engine, image  # noqa: PLC0415 - as said

    client = engine.connect()
    with closing(client.client):
        name = image.ensure(client, on_progress)
        version = client.client.version()["Version"]
    return f"Docker {version} answers and has {name}"


def begin(mode: str, on_progress: Progress) -> LocalStack:
    """Start LocalStack in this mode; it may not answer yet.

    Raises:
        HarnessError: it cannot be started; says why.
    """
    if mode == CONTAINER:
        with _extra_installed():
            from sam_harness.emulator import container  # noqa: PLC0415 - as said

        return container.ContainerLocalStack(on_progress).start()
    return EmbeddedLocalStack(on_progress=on_progress).begin()


@contextmanager
def _extra_installed() -> Iterator[None]:
    """Say what to install where testcontainers is not."""
    try:
        yield
    except ImportError as error:
        raise HarnessError(
            f"{error}: a container needs sam-harness[container]"
        ) from None
