"""Calls of AWS, within what is left of an invocation."""

import gc
import sys
import threading
import time
import weakref
from contextlib import suppress

import pytest

from refunds.adapters.aws_calls import in_time
from refunds.domain.model import IdempotencyConflictError, UnavailableError


def test_calls_return_their_answer() -> None:
    """As if no alarm had been set."""
    assert in_time(5_000, lambda: "answer") == "answer"


def test_calls_raise_their_error() -> None:
    """The function sorts it as it would its own."""

    def conflicting() -> None:
        raise IdempotencyConflictError

    with pytest.raises(IdempotencyConflictError):
        in_time(5_000, conflicting)


@pytest.mark.parametrize("remaining_ms", [0, 250])
def test_calls_are_not_begun_without_time_for_them(remaining_ms: int) -> None:
    """What they did would not be known."""
    made = []

    with pytest.raises(UnavailableError, match="late"):
        in_time(remaining_ms, lambda: made.append("a call"))

    assert made == []


def test_call_that_is_ended_leaves_nothing_to_the_garbage_collector() -> None:
    """A connection that is still being made is closed when its objects go."""
    held = []

    def hanging() -> None:
        connection = threading.Event()
        held.append(weakref.ref(connection))
        connection.wait(timeout=5)

    gc.disable()
    try:
        with suppress(UnavailableError):
            in_time(300, hanging)
        assert [one() for one in held] == [None]
    finally:
        gc.enable()


def test_call_ends_although_the_first_ring_was_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No exception leaves a __del__: what rings there rings in vain."""
    # Pytest's own is slow, and counts a ring that it hears meanwhile as a failure.
    monkeypatch.setattr(sys, "unraisablehook", lambda _: None)
    waited = threading.Event()

    class Slow:
        def __del__(self) -> None:
            waited.wait(timeout=1)

    def hanging() -> str:
        Slow()
        lasting = threading.Event()
        lasting.wait(timeout=5)
        return "an answer that came too late"

    with pytest.raises(UnavailableError, match="late"):
        in_time(300, hanging)


def test_ring_while_a_call_is_being_ended_leaves_its_cleaning_up_alone() -> None:
    """A connection that was not closed would answer the next call."""
    closed = []

    def hanging() -> None:
        try:
            threading.Event().wait(timeout=5)
        finally:
            time.sleep(0.2)
            closed.append("the connection")

    with pytest.raises(UnavailableError, match="late"):
        in_time(300, hanging)

    assert closed == ["the connection"]
