"""One of the processes."""

import os
import pickle
import signal
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.connection import Connection

import pytest


class Worker:
    """One fork: runs tests until none is left, and tells what came of them."""

    def __init__(
        self, session: pytest.Session, items: Iterator[pytest.Item], pipe: Connection
    ) -> None:
        self._session = session
        self._items = items
        self._pipe = pipe
        self._reports: list[object] = []

    def end(self) -> None:
        """Run, and leave without the ends of what belongs to the first process."""
        # Ignored in what a shell has started with &.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            self._run()
        except KeyboardInterrupt:
            # As at the end of every run of pytest.
            self._session._setupstate.teardown_exact(None)  # noqa: SLF001 - no other way in
        except BaseException as error:  # noqa: BLE001 - nothing of it may go on above
            self._pipe.send(("died", repr(error)))
        finally:
            os._exit(0)

    def _run(self) -> None:
        manager = self._session.config.pluginmanager
        manager.unregister(name="terminalreporter")
        if capture := manager.getplugin("capturemanager"):
            # The first process's files are not for two to write to.
            capture.stop_global_capturing()
            capture.start_global_capturing()
        manager.register(self)
        item = next(self._items, None)
        while item:
            following = next(self._items, None)
            self._session.config.hook.pytest_runtest_protocol(
                item=item, nextitem=following
            )
            item = following

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
