"""One of the processes, as the one sees it that has made it."""

import os
import signal
import warnings
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection, Pipe

from harness.forks import signals
from harness.forks.messages import Kind, Message


class Process:
    """A fork; ``test`` is the last that it has begun.

    ``run`` is called in it, with where to write messages, and must not return.
    """

    def __init__(self, number: int, run: Callable[[Connection], None]) -> None:
        self.number = number
        self.test: str | None = None
        self._exit_code: int | None = None
        self._pipe, there = Pipe(duplex=False)
        self._id = _fork()
        if not self._id:
            run(there)
        there.close()
        self._ended = os.pidfd_open(self._id)

    @property
    def signs(self) -> tuple[Connection, int]:
        """What is ready to be read when there is something to receive.

        The pipe's end is not enough: what a test has started may hold it open.
        """
        return self._pipe, self._ended

    def receive(self) -> Message:
        """Return what was told; of a process that is no more, how that came."""
        with suppress(EOFError, OSError):  # it may have been writing
            if self._pipe.poll():
                with signals.held():  # half a message makes the rest unreadable
                    message: Message = self._pipe.recv()
                return message
        return Message(Kind.LOST, (_how(self.kill()),))

    def interrupt(self) -> None:
        """Have it put away what it has begun."""
        signal.pidfd_send_signal(self._ended, signal.SIGINT)

    def kill(self) -> int:
        """Return how it has ended, at the latest now; negative: by a signal."""
        if self._exit_code is None:
            signal.pidfd_send_signal(self._ended, signal.SIGKILL)
            _, status = os.waitpid(self._id, 0)
            self._exit_code = os.waitstatus_to_exitcode(status)
            self._pipe.close()
            os.close(self._ended)
        return self._exit_code


def _fork() -> int:
    with warnings.catch_warnings():
        # Of threads, which only this process has: whoever begins one that imports or
        # holds a lock joins it before the tests run; others wait for what they read.
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _how(exit_code: int) -> str:
    if exit_code < 0:
        return f"by signal {-exit_code}, {signal.strsignal(-exit_code)}"
    return f"with status {exit_code}"
