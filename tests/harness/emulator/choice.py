"""Which of the two ways to run LocalStack, and why."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass

from harness.emulator.embedded import EmbeddedLocalStack
from harness.emulator.reachable import Emulator
from harness.errors import HarnessError

CONTAINER = "container"
EMBEDDED = "embedded"
MODES = (CONTAINER, EMBEDDED)
AUTO = "auto"
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Choice:
    """A mode, and the reason to show."""

    mode: str
    reason: str


def choose(
    wanted: str, on_progress: Progress, *, container: Callable[[Progress], str]
) -> Choice:
    """Choose for ``wanted``: auto, container or embedded.

    ``container`` says what speaks for a container, or raises HarnessError with what
    speaks against it.
    """
    if wanted != AUTO:
        return Choice(wanted, "asked for")
    try:
        return Choice(CONTAINER, container(on_progress))
    except HarnessError as error:
        return Choice(EMBEDDED, " ".join(str(error).split()))


def container_is_possible(on_progress: Progress) -> str:
    """Build the container's image if need be, and return what there is.

    Raises:
        HarnessError: no Docker engine answers, or there is no way to the image.

    """
    from harness.emulator import (  # noqa: PLC0415 - 60 ms that nobody else waits for
        container_engine,
        container_image,
    )

    client = container_engine.connect()
    with contextlib.closing(client.client):
        image = container_image.ensure(client, on_progress)
        version = client.client.version()["Version"]
    return f"Docker {version} answers and has {image}"


@dataclass(frozen=True, slots=True)
class Started:
    """A LocalStack of ours: how to reach it, and how to end it.

    ``wait`` returns when it answers, or raises HarnessError with the end of its log.
    """

    emulator: Emulator
    stop: Callable[[], None]
    wait: Callable[[], object] = lambda: None


def start(mode: str, on_progress: Progress) -> Started:
    """Start LocalStack in the mode chosen; one without a container may not answer yet.

    Raises:
        HarnessError: it cannot be started.

    """
    if mode == CONTAINER:
        from harness.emulator.container import (  # noqa: PLC0415 - as above
            ContainerLocalStack,
        )

        contained = ContainerLocalStack(on_progress=on_progress).start()
        return Started(contained.reachable(), contained.stop)
    embedded = EmbeddedLocalStack(on_progress=on_progress).begin()
    emulator = Emulator(
        mode=mode,
        description=embedded.describe(),
        endpoint_url=embedded.endpoint_url,
        region=embedded.region,
        log=str(embedded.log_path),
    )
    return Started(emulator, embedded.stop, embedded.wait_until_ready)
