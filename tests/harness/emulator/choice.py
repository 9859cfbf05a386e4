"""Which of the two ways to run LocalStack, and why."""

from collections.abc import Callable
from dataclasses import dataclass

from harness.emulator.embedded import EmbeddedLocalStack
from harness.emulator.reachable import Emulator

MODES = ("container", "embedded")
AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Choice:
    """A mode, and the reason to show."""

    mode: str
    reason: str


def choose(wanted: str) -> Choice:
    """Choose for ``wanted``: auto, container or embedded."""
    if wanted == AUTO:
        return Choice("embedded", "the container emulator is not there yet")
    return Choice(wanted, "asked for")


@dataclass(frozen=True, slots=True)
class Started:
    """A LocalStack of ours: how to reach it, and how to end it."""

    emulator: Emulator
    stop: Callable[[], None]


def start(choice: Choice) -> Started:
    """Start LocalStack in the mode chosen.

    Raises:
        HarnessError: it did not come up; holds the end of its log.

    """
    localstack = EmbeddedLocalStack().start()
    emulator = Emulator(
        mode=choice.mode,
        description=localstack.describe(),
        endpoint_url=localstack.endpoint_url,
        region=localstack.region,
        log=str(localstack.log_path),
    )
    return Started(emulator, localstack.stop)
