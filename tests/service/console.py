"""What the commands show while they work, and how they end."""

import sys
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape

from sam_harness.errors import HarnessError
from sam_harness.live.staying import end_by_signals


class Progress:
    """Prints each step when it begins, and spins while it takes its time."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status = console.status("starting")
        self._began = time.monotonic()

    def __enter__(self) -> Self:
        self._status.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop spinning: whatever comes now takes as long as it likes."""
        self._status.stop()

    @property
    def elapsed_s(self) -> float:
        """Seconds since the command began."""
        return time.monotonic() - self._began

    def step(self, text: str) -> None:
        """Say what happens now, with the seconds since the command began."""
        self._console.print(
            f"[dim]{self.elapsed_s:5.1f} s[/]  {escape(text)}",
            highlight=False,
            soft_wrap=True,
        )
        self._status.update(f"{escape(text)} …")


def run_command(main: Callable[[Sequence[str]], int]) -> int:
    """Run ``main`` on the command line; errors become one message and a status.

    SIGTERM ends it like Ctrl-C, so that everything is cleaned up: 143 and 130.
    """
    end_by_signals()
    try:
        return main(sys.argv[1:])
    except HarnessError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_status
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
