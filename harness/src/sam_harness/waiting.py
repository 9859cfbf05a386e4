"""Waiting with a deadline instead of a fixed sleep."""

import time
from collections.abc import Callable

from sam_harness.errors import HarnessError


class DeadlineError(HarnessError):
    """What was waited for did not happen; the message says what was last seen."""


def wait_until[T](
    look: Callable[[], T],
    satisfied: Callable[[T], bool],
    *,
    what: str,
    timeout_s: float,
    poll_s: float | Callable[[], float] = 0.05,
) -> T:
    """Call ``look`` until its result satisfies, and return that result.

    ``poll_s``: the pause between two looks, or what is asked for each.

    Raises:
        DeadlineError: not within ``timeout_s``; names ``what`` and the last result.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        seen = look()
        if satisfied(seen):
            return seen
        if time.monotonic() > deadline:
            raise DeadlineError(
                f"{what}: not within {timeout_s:g} s; last seen: {seen!r}"
            )
        time.sleep(poll_s() if callable(poll_s) else poll_s)
