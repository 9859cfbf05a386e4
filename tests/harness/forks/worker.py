"""One of the processes."""

import os
import pickle
import signal
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from multiprocessing.connection import Connection
from traceback import format_exception

import pytest

from harness.forks.tasks import Task
from harness.localstack_plugin.supervisor import PR_SET_PDEATHSIG, prctl

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
        self._reports: list[object] = []

    def run(self, tasks: Iterator[Task], parent: int) -> None:
        """Run, and leave without the ends of what belongs to the first process."""
        try:
            # It may hold what must not outlive the run: the lifeline of a LocalStack.
            prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            # Ignored in what a shell has started with &.
            signal.signal(signal.SIGINT, signal.default_int_handler)
            if os.getppid() == parent:
                self._run(tasks)
        except BaseException as error:  # noqa: BLE001 - nothing of it may go on above
            # A terminal's Ctrl-C is followed by the first process's own.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            if not isinstance(error, KeyboardInterrupt):
                with suppress(OSError):  # it may be why: nobody listens any more
                    self._pipe.send(("died", "".join(format_exception(error))))
            self._put_away()
        finally:
            os._exit(0)

    def tell(self, name: str, content: object) -> None:
        """Tell the first process, which calls ``pytest_forks_told``; is pickled."""
        self._pipe.send(("told", (name, content)))

    def _run(self, tasks: Iterator[Task]) -> None:
        config = self._session.config
        config.stash[_worker] = self
        config.pluginmanager.unregister(name="terminalreporter")
        if capture := config.pluginmanager.getplugin("capturemanager"):
            # The first process's files are not for two to write to.
            capture.stop_global_capturing()
            capture.start_global_capturing()
        config.pluginmanager.register(self)
        config.hook.pytest_forks_begin(config=config)
        for task in tasks:
            # Of what is set up, only what is the session's stays between tasks: to know
            # the next test, this process would have to take it from the others.
            for item, following in pairwise((*task, self._session)):
                config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        self._put_away()

    def _put_away(self) -> None:
        # As at the end of every run of pytest.
        self._session._setupstate.teardown_exact(None)  # noqa: SLF001 - no other way in

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Tell which test begins, in case that it never ends."""
        self._reports = []
        self._pipe.send(("begun", nodeid))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the reports of a test together."""
        config = self._session.config
        self._reports.append(
            config.hook.pytest_report_to_serializable(config=config, report=report)
        )

    def pytest_runtest_logfinish(
        self, nodeid: str, location: tuple[str, int | None, str]
    ) -> None:
        """Send the reports of a test."""
        self._pipe.send(("ended", (nodeid, location, self._reports)))

    def pytest_warning_recorded(
        self, warning_message: object, when: str, nodeid: str, location: object
    ) -> None:
        """Hand a warning on to the summary."""
        told = {
            "warning_message": warning_message,
            "when": when,
            "nodeid": nodeid,
            "location": location,
        }
        with suppress(pickle.PicklingError, TypeError, AttributeError):
            self._pipe.send(("warned", told))
