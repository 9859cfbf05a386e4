"""A LocalStack that runs already, and goes on when the run that uses it has ended."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.error import HTTPError

from sam_harness.emulator import choice, ready
from sam_harness.emulator.emulator import Emulator
from sam_harness.emulator.environment import MODULE
from sam_harness.emulator.gate_client import urlopen
from sam_harness.errors import HarnessError

REGION = "us-east-1"
_OTHERWISE = (
    "attach to one that this harness has started, or say --foreign-emulator to run "
    "without what needs the gate"
)


@dataclass(frozen=True, slots=True)
class AttachedLocalStack:
    """A running LocalStack, as one of ours is seen."""

    emulator: Emulator

    @classmethod
    def at(cls, url: str, *, foreign: bool = False) -> Self:
        """Attach to the LocalStack at ``url``, once it has shown that its gate works.

        Where it is ``foreign`` it need only answer; its gate is taken for missing.

        Raises:
            HarnessError: nothing answers there, or there is no gate that works.

        """
        if foreign:
            _check_that_something_answers(url)
            told, log = f"a LocalStack that is not ours, without IAM gate, at {url}", ""
        else:
            try:
                health = ready.check(url)
            except HarnessError as error:
                said = f"cannot attach to {url}: {error}: {_OTHERWISE}"
                raise HarnessError(said) from None
            told = f"LocalStack {health['version']}, already running, at {url}"
            log = _log_of(health["pid"])
        return cls(
            Emulator(
                mode=choice.ATTACHED,
                description=told,
                endpoint_url=url,
                region=REGION,
                log=log,
                has_gate=not foreign,
            )
        )

    def wait_until_ready(self) -> None:
        """Return: it answered when this was made."""

    def stop(self) -> None:
        """Leave it running: it is somebody else's."""


def _check_that_something_answers(url: str) -> None:
    try:
        urlopen(url, timeout=5).close()
    except HTTPError as error:  # an answer, too
        error.close()
    except OSError as error:
        raise HarnessError(f"cannot attach to {url}: {error}") from None


def _log_of(pid: int) -> str:
    """Return the file that a LocalStack of this machine writes to; empty: unknown."""
    process = Path("/proc", str(pid))
    with suppress(OSError):  # it is in a container or on another machine
        if MODULE.encode() in (process / "cmdline").read_bytes().split(b"\0"):
            log = (process / "fd" / "1").readlink()
            return str(log) if log.is_file() else ""
    return ""
