"""The processes of a run, as the one sees them that has collected the tests."""

import os
import signal
import warnings
from collections.abc import Sequence
from functools import partial
from multiprocessing.connection import Connection, Pipe, wait
from typing import Any, Self

import pytest

from harness.forks.tasks import Task, Tasks
from harness.forks.worker import Worker
from harness.polling import DeadlineError, wait_until

# What a test may need to put away what it has begun.
_END_TIMEOUT_S = 10.0


def _fork() -> int:
    with warnings.catch_warnings():
        # Of threads, which only this process has: whoever begins one that imports or
        # holds a lock joins it before the tests run; others wait for what they read.
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


class Processes:
    """The processes, and what is still expected of them."""

    def __init__(
        self, session: pytest.Session, queues: Sequence[Sequence[Task]], count: int
    ) -> None:
        self._session = session
        self._missing = {item.nodeid for item in session.items}
        self._processes: dict[Connection, int] = {}
        self._begun: dict[Connection, str] = {}
        tasks = Tasks(queues)
        parent = os.getpid()
        for number in range(count):
            here, there = Pipe(duplex=False)
            if process := _fork():
                there.close()
                self._processes[here] = process
            else:
                # Who keeps an end open never learns that the other process is gone.
                for other in (here, *self._processes):
                    other.close()
                Worker(session, number, there).run(tasks.of(number), parent)
        tasks.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for pipe, process in self._processes.items():
            os.kill(process, signal.SIGINT)
            pipe.close()
        for process in self._processes.values():
            try:
                wait_until(
                    partial(os.waitpid, process, os.WNOHANG),
                    lambda ended: ended[0] != 0,
                    what=f"the end of process {process}",
                    timeout_s=_END_TIMEOUT_S,
                    poll_s=0.005,
                )
            except DeadlineError:
                os.kill(process, signal.SIGKILL)
                os.waitpid(process, 0)

    def report(self) -> None:
        """Report every test as it ends; raises when one of the processes is lost."""
        open_ = set(self._processes)
        while open_:
            for pipe in wait(list(open_)):
                assert isinstance(pipe, Connection)
                try:
                    self._take(pipe, pipe.recv())
                except EOFError:
                    open_.remove(pipe)
        if self._missing:
            last = ", ".join(sorted(self._missing & set(self._begun.values())))
            self._stop(f"a process was lost in {last or 'no test'}")

    def _take(self, pipe: Connection, told: tuple[str, Any]) -> None:
        kind, content = told
        session = self._session
        hook = session.config.hook
        if kind == "died":
            self._stop(f"a process ended: {content}")
        elif kind == "begun":
            self._begun[pipe] = content
        elif kind == "told":
            name, said = content
            number = list(self._processes).index(pipe)
            hook.pytest_forks_told(number=number, name=name, content=said)
        elif kind == "warned":
            hook.pytest_warning_recorded.call_historic(kwargs=content)
        else:
            nodeid, location, reports = content
            hook.pytest_runtest_logstart(nodeid=nodeid, location=location)
            for data in reports:
                report = hook.pytest_report_from_serializable(
                    config=session.config, data=data
                )
                hook.pytest_runtest_logreport(report=report)
            hook.pytest_runtest_logfinish(nodeid=nodeid, location=location)
            self._missing.discard(nodeid)
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)

    def _stop(self, why: str) -> None:
        self._session.shouldfail = f"{why}; {len(self._missing)} tests have not ended"
        raise self._session.Failed(self._session.shouldfail)
