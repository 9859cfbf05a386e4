"""A run's use of a kept LocalStack, in accounts that no other run has."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from harness.emulator import kept_state
from harness.emulator.reachable import Emulator
from harness.errors import HarnessError

_FIRST_ACCOUNT = 200_000_000_000
_ACCOUNTS_PER_RUN = 1000


@dataclass(frozen=True, slots=True)
class Lease:
    """A run's use of a kept LocalStack: in accounts that no other run has.

    It ends with ``release`` or with the process, whichever is first.
    """

    emulator: Emulator
    since: str
    file: IO[str]
    accounts: list[str] = field(default_factory=list)

    def account(self, process: int) -> str:
        """Return the account of a process of this run, 0 and up."""
        number = str(int(Path(self.file.name).name) + process)
        if number not in self.accounts:
            self.accounts.append(number)
            # For the keeper, which cleans them up when this run is over.
            self.file.write(f"{number}\n")
            self.file.flush()
        return number

    def release(self) -> None:
        """Leave the LocalStack to others; it stays."""
        self.file.close()


def new_run(home: Path) -> IO[str]:
    """Return the locked file of a run that begins, named after its first account."""
    counter = home / "last-run"
    number = last_run(home) + 1
    counter.write_text(str(number))
    name = str(_FIRST_ACCOUNT + number * _ACCOUNTS_PER_RUN)
    file = kept_state.hold(home / "runs" / name)
    if not file:
        raise HarnessError(f"{home} is not as it should be: remove it")
    return file


def last_run(home: Path) -> int:
    """Return how many runs there have been."""
    try:
        return int((home / "last-run").read_text())
    except (OSError, ValueError):
        return 0
