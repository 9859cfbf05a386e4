"""The processes of a run, as the one sees them that has collected the tests."""

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from multiprocessing.connection import Connection, wait
from typing import Self

import pytest

from harness.forks import signals
from harness.forks.messages import Kind, Message
from harness.forks.process import Process
from harness.forks.results import Results
from harness.forks.tasks import Task, Tasks
from harness.forks.worker import Worker

# What all of them together may need to put away what they have begun.
END_TIMEOUT_S = 10.0


class Processes:
    """The processes, of which none outlives the context."""

    def __init__(self, session: pytest.Session) -> None:
        self._session = session
        self._results = Results(session)
        self._processes: list[Process] = []
        self._running: list[Process] = []

    def start(self, queues: Sequence[Sequence[Task]], count: int) -> None:
        """Start as many; each takes tests until none is left."""
        parent = os.getpid()

        def run(tasks: Tasks, number: int, pipe: Connection) -> None:
            Worker(self._session, number, pipe).run(tasks.of(number), parent)

        # Else each would write what is in the buffers.
        sys.stdout.flush()
        sys.stderr.flush()
        # Else a fork might do what this process has to do when it ends.
        with closing(Tasks(queues)) as tasks, signals.held():
            for number in range(count):
                self._processes.append(Process(number, partial(run, tasks, number)))
                self._running.append(self._processes[-1])

    def report(self) -> None:
        """Report every test as it ends; raises what ends the run before."""
        for process, message in self._told(None):
            self._results.take(process, message)
            self._results.stop_if_asked()
        self._results.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind in (KeyboardInterrupt, pytest.exit.Exception):
            _say(f"interrupted in {self._tests()}")
        try:
            self._interrupt()
        finally:  # also where somebody does not want to wait for that
            for process in self._processes:
                process.kill()

    def _interrupt(self) -> None:
        """Have those that run put away what they have begun; report what has ended."""
        for process in self._running:
            process.interrupt()
        for process, message in self._told(END_TIMEOUT_S):
            if message.kind in (Kind.ENDED, Kind.NOT_PUT_AWAY):
                self._results.take(process, message)
        if self._running:
            _say(f"killed, as it does not end: {self._tests()}")

    def _tests(self) -> str:
        tests = sorted(process.test for process in self._running if process.test)
        return ", ".join(tests) or "no test"

    def _told(self, timeout_s: float | None) -> Iterator[tuple[Process, Message]]:
        """Yield what the processes tell, until all are done or lost."""
        began = time.monotonic()
        left_s = timeout_s
        while self._running:
            if timeout_s is not None:
                left_s = max(began + timeout_s - time.monotonic(), 0)
            signs = {sign: one for one in self._running for sign in one.signs}
            ready = wait(list(signs), left_s)
            if not ready:
                return
            for process in {signs[sign]: None for sign in ready}:  # type: ignore[index] # of those
                message = process.receive()
                if message.kind in (Kind.DONE, Kind.LOST):
                    self._running.remove(process)
                if message.kind is not Kind.DONE:
                    yield process, message


def _say(text: str) -> None:
    print(f"\nharness: {text}", file=sys.stderr, flush=True)
