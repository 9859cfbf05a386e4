"""Waiting says what it waited for and what it saw last."""

from itertools import count

import pytest

from sam_harness.waiting import DeadlineError, wait_until


def test_the_first_satisfying_result_is_returned() -> None:
    """It looks again until it is satisfied."""
    numbers = count()

    seen = wait_until(
        lambda: next(numbers), lambda n: n == 3, what="3", timeout_s=5, poll_s=0
    )

    assert seen == 3


def test_a_missed_deadline_says_what_was_last_seen() -> None:
    """The message is what a failing test shows."""
    with pytest.raises(DeadlineError, match=r"the end: not within 0 s.*'PENDING'"):
        wait_until(
            lambda: "PENDING", lambda _: False, what="the end", timeout_s=0, poll_s=0
        )
