"""What ends a run, each in its own way, and when it may."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

ENDING = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def held() -> Iterator[None]:
    """Let them wait until the block is done; a process made meanwhile has them wait."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def ignore() -> None:
    """Let nothing disturb this process any more but SIGKILL."""
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)


def heed_once() -> None:
    """End by the first: to a terminal's the first process adds its own.

    SIGINT is ignored in what a shell has started with &.
    """
    signal.signal(signal.SIGINT, _once(signal.default_int_handler))
    if callable(by_plugin := signal.getsignal(signal.SIGTERM)):
        signal.signal(signal.SIGTERM, _once(by_plugin))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)


def _once(
    handler: Callable[[int, FrameType | None], object],
) -> Callable[[int, FrameType | None], object]:
    def handle(number: int, frame: FrameType | None) -> None:
        ignore()
        handler(number, frame)

    return handle
