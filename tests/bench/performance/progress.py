"""What the benchmark is doing: a spinner for people, lines for a log."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

type Say = Callable[[str], None]


@contextmanager
def saying(console: Console) -> Iterator[Say]:
    """Show what is said, and since when it goes on, until the block ends."""
    began = time.monotonic()
    if not console.is_terminal:

        def line(text: str) -> None:
            console.print(f"{time.monotonic() - began:4.0f} s  {text}", markup=False)

        yield line
        return
    with console.status("starting") as status:
        yield lambda text: status.update(
            f"{text} ({time.monotonic() - began:.0f} s since the start)"
        )
