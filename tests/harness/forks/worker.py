"""One of the processes, as it sees itself."""

import os
import signal
import sys
import warnings
from collections.abc import Iterator
from multiprocessing.connection import Connection
from traceback import format_exception

import pytest

from harness.forks import signals
from harness.forks.messages import Kind, Message
from harness.forks.put_away import put_away
from harness.forks.tasks import Task
from harness.forks.warned import Warned
from harness.processes import PR_SET_PDEATHSIG, prctl

_worker = pytest.StashKey["Worker"]()


def worker_of(config: pytest.Config) -> "Worker | None":
    """Return who runs the tests in this process; None: it is no fork."""
    return config.stash.get(_worker, None)


def number_of(config: pytest.Config) -> int:
    """Return which of the processes this is, 0 and up; where there is but one, 0."""
    worker = worker_of(config)
    return worker.number if worker else 0


class Worker:
    """One fork: runs tests until none is left, and tells what came of them."""

    def __init__(self, session: pytest.Session, number: int, pipe: Connection) -> None:
        self.number = number
        self._session = session
        self._pipe = pipe
        self._last: pytest.Item | None = None
        self._reports: list[object] = []

    def run(self, tasks: Iterator[Task], parent: int) -> None:
        """Run, and leave without the ends of what belongs to the first process."""
        exit_code = 1
        try:
            # It may hold what must not outlive the run: the lifeline of a LocalStack.
            prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() == parent:
                self._run(tasks)
            exit_code = 0
        finally:
            # With -s it is the tests' own, and may be a file's buffer.
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(exit_code)

    def tell(self, name: str, content: object) -> None:
        """Tell the first process, which calls ``pytest_forks_told``; is pickled."""
        self._send(Kind.TOLD, name, content)

    def _send(self, kind: Kind, *content: object) -> None:
        with signals.held():  # nobody could read on after half a message
            self._pipe.send(Message(kind, content))

    def _run(self, tasks: Iterator[Task]) -> None:
        try:
            try:
                self._begin()
                self._test(tasks)
            finally:
                self._put_away()
        except KeyboardInterrupt:
            self._send(Kind.INTERRUPTED)
        except pytest.exit.Exception as error:
            self._send(Kind.EXIT, error.msg, error.returncode)
        except BaseException as error:  # noqa: BLE001 - nothing of it may go on above
            self._send(Kind.DIED, "".join(format_exception(error)))
        self._send(Kind.DONE)

    def _begin(self) -> None:
        signals.heed_once()
        config = self._session.config
        config.stash[_worker] = self
        config.pluginmanager.unregister(name="terminalreporter")
        if capture := config.pluginmanager.getplugin("capturemanager"):
            # The first process's files are not for two to write to.
            capture.stop_global_capturing()
            capture.start_global_capturing()
        config.pluginmanager.register(self)
        config.hook.pytest_forks_begin(config=config)

    def _test(self, tasks: Iterator[Task]) -> None:
        session = self._session
        for task in tasks:
            # Of what is set up, only what is the session's stays between tasks: to know
            # the next test, this process would have to take it from the others.
            following = (*task[1:], session)
            for item, next_ in zip(task, following, strict=True):
                self._last = item
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=next_)
                if session.shouldfail or session.shouldstop:
                    self._send(Kind.STOPPED, session.shouldfail, session.shouldstop)
                    return

    def _put_away(self) -> None:
        signals.ignore()
        if self._last and (reports := put_away(self._session, self._last)):
            self._reports = []
            for report in reports:
                self.pytest_runtest_logreport(report)
            where = self._last.nodeid, self._last.location
            self._send(Kind.NOT_PUT_AWAY, *where, self._reports)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Tell which test begins, in case that it never ends."""
        self._reports = []
        self._send(Kind.BEGUN, nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the reports of a test together."""
        config = self._session.config
        # With this, pytest fails a test that has passed but for its subtests.
        config.hook.pytest_report_teststatus(report=report, config=config)
        self._reports.append(
            config.hook.pytest_report_to_serializable(config=config, report=report)
        )

    def pytest_runtest_logfinish(
        self, nodeid: str, location: tuple[str, int | None, str]
    ) -> None:
        """Send the reports of a test."""
        self._send(Kind.ENDED, nodeid, location, self._reports)

    def pytest_warning_recorded(
        self,
        warning_message: warnings.WarningMessage,
        when: str,
        nodeid: str,
        location: object,
    ) -> None:
        """Hand a warning on to the summary."""
        plain = Warned.of(warning_message)
        self._send(Kind.WARNED, plain, when, nodeid, location)
