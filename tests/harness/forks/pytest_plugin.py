"""pytest's tests in several processes that share one collection and all its imports.

    pytest -p harness.forks.pytest_plugin --forks 2 tests/unit

Each process is a fork of the one that has collected: nothing is imported or collected
twice, which pays where a suite takes seconds. It takes a few tests at a time until none
is left; what it found is reported by the process that collected.
"""

import os
import signal
import sys
from functools import partial
from multiprocessing.connection import Connection, Pipe, wait
from typing import Any, Self

import pytest

from harness.forks.tasks import Tasks, tasks_in
from harness.forks.worker import Worker
from harness.polling import DeadlineError, wait_until

# What a test may need to put away what it has begun.
_END_TIMEOUT_S = 10.0


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.addoption(
        "--forks", type=int, default=1, metavar="N", help="run tests in N processes"
    )


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say in how many processes the tests run."""
    return [f"processes: {_forks(config)}"] if _forks(config) > 1 else []


def _forks(config: pytest.Config) -> int:
    """Return how many processes there may be: a debugger and coverage want only one."""
    alone = (
        config.option.usepdb
        or config.option.collectonly
        or getattr(config.option, "cov_source", None)
        or sys.platform != "linux"
    )
    return 1 if alone else int(config.option.forks)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Run the tests in forks, where there are enough of them."""
    forks = min(_forks(session.config), tasks_in(session.items))
    if forks < 2 or session.testsfailed:
        return None
    # Else each fork would make its own, and leave it locked.
    session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined] # noqa: SLF001 - no other way in
    if terminal := session.config.pluginmanager.getplugin("terminalreporter"):
        terminal.showfspath = False  # it changes with every process that reports
    with _Forks(session, forks) as running:
        running.report()
    return True


class _Forks:
    """The processes, and what is still expected of them."""

    def __init__(self, session: pytest.Session, count: int) -> None:
        self._session = session
        self._missing = {item.nodeid for item in session.items}
        self._processes: dict[Connection, int] = {}
        self._begun: dict[Connection, str] = {}
        tasks = Tasks(session.items, count)
        for number in range(count):
            here, there = Pipe(duplex=False)
            if process := os.fork():
                there.close()
                self._processes[here] = process
            else:
                # Who keeps an end open never learns that the other process is gone.
                for other in (here, *self._processes):
                    other.close()
                Worker(session, tasks.of(number), there).end()
        tasks.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for pipe, process in self._processes.items():
            pipe.close()
            os.kill(process, signal.SIGINT)
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
