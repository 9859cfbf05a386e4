"""Which LocalStack a run uses, and why: one of two ways to start it, or a running one.

Loaded by every run of pytest, which most need none of it: what starts a LocalStack is
imported where it is used.
"""

import contextlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sam_harness.errors import HarnessError

if TYPE_CHECKING:
    from sam_harness.emulator.container import ContainerLocalStack
    from sam_harness.emulator.embedded import EmbeddedLocalStack

CONTAINER = "container"
EMBEDDED = "embedded"
ATTACHED = "attached"
MODES = (CONTAINER, EMBEDDED, ATTACHED)
AUTO = "auto"
Progress = Callable[[str], None]
type LocalStack = ContainerLocalStack | EmbeddedLocalStack


@dataclass(frozen=True, slots=True)
class Choice:
    """A mode, and the reason to show; ``url`` is of one that runs already."""

    mode: str
    reason: str
    url: str = ""


def is_known(wanted: str) -> bool:
    """Tell whether ``choose`` knows what this is."""
    return wanted in {AUTO, CONTAINER, EMBEDDED} or wanted.startswith("http://")


def choose(
    wanted: str, on_progress: Progress, *, container: Callable[[Progress], str]
) -> Choice:
    """Choose for ``wanted``: auto, container, embedded, or the URL of a running one.

    ``container`` says what speaks for a container, or raises HarnessError with what
    speaks against it.

    Raises:
        HarnessError: this system cannot run one without a container.
    """
    if wanted.startswith("http://"):
        return Choice(ATTACHED, "asked for", wanted.rstrip("/"))
    if wanted == EMBEDDED:
        require_linux()
    if wanted != AUTO:
        return Choice(wanted, "asked for")
    try:
        return Choice(CONTAINER, container(on_progress))
    except HarnessError as error:
        reason = " ".join(str(error).split())
    require_linux(reason)
    return Choice(EMBEDDED, reason)


def require_linux(otherwise: str = "") -> None:
    """Return on Linux: it holds the processes of an embedded LocalStack by its means.

    Raises:
        HarnessError: another system; ``otherwise`` is why a container is not to be had.
    """
    system: str = sys.platform  # a type checker knows only its own
    if system == "linux":
        return
    why = f" ({otherwise})" if otherwise else ""
    raise HarnessError(
        f"LocalStack without Docker runs on Linux only, WSL 2 included, not on "
        f"{system}: start a Docker engine{why}, and take --emulator container"
    )


def container_is_possible(on_progress: Progress) -> str:
    """Build the container's image if need be, and return what there is.

    Raises:
        HarnessError: no Docker engine answers, or there is no way to the image.
    """
    with _extra_installed():
        from sam_harness.emulator import engine, image  # noqa: PLC0415 - see above

    client = engine.connect()
    with contextlib.closing(client.client):
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
            from sam_harness.emulator import container  # noqa: PLC0415 - see above

        return container.ContainerLocalStack(on_progress).start()
    from sam_harness.emulator import embedded  # noqa: PLC0415 - see above

    return embedded.EmbeddedLocalStack(on_progress=on_progress).begin()


@contextlib.contextmanager
def _extra_installed() -> Iterator[None]:
    """Say what to install where testcontainers is not."""
    try:
        yield
    except ImportError as error:
        raise HarnessError(
            f"{error}: a container needs sam-harness[container]"
        ) from None
