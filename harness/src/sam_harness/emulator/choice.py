"""Which LocalStack a run uses, and why: one of two ways to start it, or a running one.

Loaded by every run of pytest, which most need none: what starts one is not imported.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass

from sam_harness.errors import HarnessError

CONTAINER = "container"
EMBEDDED = "embedded"
ATTACHED = "attached"
MODES = (CONTAINER, EMBEDDED, ATTACHED)
AUTO = "auto"
Progress = Callable[[str], None]


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
