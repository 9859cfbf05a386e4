"""What the processes tell of their tests, handed to the run that they are of."""

from collections.abc import Callable, Iterable
from typing import NoReturn

import pytest

from harness.forks.messages import Kind, Message
from harness.forks.process import Process
from harness.forks.warned import Warned


class Results:
    """What came of the tests, and which of them are still missing."""

    def __init__(self, session: pytest.Session) -> None:
        self._session = session
        self._hook = session.config.hook
        self._missing = {item.nodeid for item in session.items}
        self._lost: list[str] = []
        self._takers: dict[Kind, Callable[..., object]] = {
            Kind.BEGUN: self._begun,
            Kind.ENDED: self._ended,
            Kind.NOT_PUT_AWAY: self._ended,
            Kind.WARNED: self._warned,
            Kind.TOLD: self._told,
            Kind.STOPPED: self._stopped,
            Kind.INTERRUPTED: self._interrupted,
            Kind.EXIT: self._exit,
            Kind.DIED: self._died,
            Kind.LOST: self._was_lost,
        }

    def take(self, process: Process, message: Message) -> None:
        """Hand on what was told; raises where that ends the run."""
        self._takers[message.kind](process, *message.content)

    def stop_if_asked(self) -> None:
        """Raise what ends a run early: so many failures, or what a plugin wants."""
        if self._session.shouldfail:
            raise self._session.Failed(self._session.shouldfail)
        if self._session.shouldstop:
            raise self._session.Interrupted(self._session.shouldstop)

    def end(self) -> None:
        """Fail, unless every test has ended, and every process as it should."""
        if self._lost or self._missing:
            self._fail("; ".join(self._lost) or "tests were lost")

    def _begun(self, process: Process, nodeid: str) -> None:
        process.test = nodeid

    def _ended(
        self,
        _process: Process,
        nodeid: str,
        location: tuple[str, int | None, str],
        reports: Iterable[dict[str, object]],
    ) -> None:
        self._missing.discard(nodeid)
        self._hook.pytest_runtest_logstart(nodeid=nodeid, location=location)
        for data in reports:
            report = self._hook.pytest_report_from_serializable(
                config=self._session.config, data=data
            )
            self._hook.pytest_runtest_logreport(report=report)
        self._hook.pytest_runtest_logfinish(nodeid=nodeid, location=location)

    def _told(self, process: Process, name: str, content: object) -> None:
        self._hook.pytest_forks_told(number=process.number, name=name, content=content)

    def _warned(
        self,
        _process: Process,
        warned: Warned,
        when: str,
        nodeid: str,
        location: object,
    ) -> None:
        told = {"when": when, "nodeid": nodeid, "location": location}
        told["warning_message"] = warned.rebuilt()
        self._hook.pytest_warning_recorded.call_historic(kwargs=told)

    def _stopped(self, _process: Process, *fail_and_stop: str | bool) -> None:
        self._session.shouldfail, self._session.shouldstop = fail_and_stop

    def _interrupted(self, _process: Process) -> NoReturn:
        raise KeyboardInterrupt

    def _exit(self, _process: Process, reason: str, returncode: int | None) -> NoReturn:
        pytest.exit(reason, returncode)

    def _died(self, process: Process, trace: str) -> NoReturn:
        self._fail(f"a process ended in {process.test or 'no test'}: {trace}")

    def _was_lost(self, process: Process, how: str) -> None:
        # The others do what it has not begun.
        where = f"in {process.test}"
        if process.test not in self._missing:
            where = f"after {process.test or 'no test'}, or as it put away"
        self._lost.append(f"a process was lost {where} ({how})")

    def _fail(self, why: str) -> NoReturn:
        self._session.shouldfail = f"{why}; {len(self._missing)} tests have not ended"
        raise self._session.Failed(self._session.shouldfail)
