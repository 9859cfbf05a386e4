"""A run of pytest ends in good order on both signals, however it was started."""

import os
import signal
from collections.abc import Callable, Iterator

import pytest

from sam_harness.pytest_plugin import plugin

NUMBERS = (signal.SIGINT, signal.SIGTERM)


class ARun:
    """As much of pytest's config as keeps what is to be cleaned up."""

    def __init__(self) -> None:
        self.cleanups: list[Callable[[], None]] = []
        self.stash = pytest.Stash()

    def add_cleanup(self, cleanup: Callable[[], None]) -> None:
        """Keep it."""
        self.cleanups.append(cleanup)


@pytest.fixture
def run() -> Iterator[ARun]:
    """Yield a run that was started with &: SIGINT is ignored."""
    before = {number: signal.getsignal(number) for number in NUMBERS}
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield ARun()
    for number, handler in before.items():
        signal.signal(number, handler)


def test_each_signal_ends_the_run(run: ARun) -> None:
    """By what no ``except Exception`` takes: a run lost its SIGTERM in pytest's own."""
    plugin.end_on_signals(run)  # type: ignore[arg-type] # all it uses

    with pytest.raises(KeyboardInterrupt, match="SIGTERM"):
        os.kill(os.getpid(), signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)


def test_signals_do_what_they_did_once_the_run_is_cleaned_up(run: ARun) -> None:
    """A program that calls pytest as a function has handlers of its own."""
    before = [signal.getsignal(number) for number in NUMBERS]
    plugin.end_on_signals(run)  # type: ignore[arg-type] # all it uses

    for cleanup in run.cleanups:
        cleanup()

    assert [signal.getsignal(number) for number in NUMBERS] == before
