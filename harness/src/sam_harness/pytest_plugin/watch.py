"""Watches LocalStack during a pytest run: its log for each test, and its IAM gate."""

import json
import os
import time
from collections.abc import Collection, Generator, Iterator
from pathlib import Path

import pytest

from sam_harness.emulator import gate_client
from sam_harness.emulator.emulator import Emulator
from sam_harness.errors import HarnessError

NAME = "harness-gate-watch"
REPORT = "iam-decisions.jsonl"
# A question costs LocalStack and the run 5 ms, and most tests are not much longer.
LOOK_EVERY_S = 0.5
LOG_LINES = 100


class LogOfTest:
    """Puts what LocalStack logged during a failing test into its report.

    Registered where the log is known.
    """

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._begin = 0

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self) -> Generator[None, object, object]:
        """Remember where the log stands: it may be older than the run."""
        self._begin = self._emulator.log_path.stat().st_size
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self,
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Attach what was logged since."""
        report = yield
        if report.failed:
            lines = self._emulator.log_text(self._begin).splitlines() or ["(nothing)"]
            left_out = max(len(lines) - LOG_LINES, 0)
            title = f"LocalStack's log during the {report.when}"
            if left_out:
                title += f" (the last {LOG_LINES} lines; {left_out} before them)"
            report.sections.append((title, "\n".join(lines[-LOG_LINES:])))
        return report


class GateWatch:
    """Ends the run once the gate has failed: no result counts from then on.

    Registered where the emulator has a gate, with xdist in the controller only: the
    gate's decisions are those of all workers.
    """

    def __init__(
        self, endpoint_url: str, report: Path, accounts: Collection[str] | None = None
    ) -> None:
        self._endpoint_url = endpoint_url
        self._report = report
        self._accounts = accounts
        self.decisions: list[gate_client.RecordedDecision] = []
        self._has_ended_the_run = False
        self._looked = -LOOK_EVERY_S

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Look after a test, unless that has just been done."""
        is_due = time.monotonic() - self._looked >= LOOK_EVERY_S
        if report.when == "teardown" and is_due:
            self._look()
            self._looked = time.monotonic()

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Write the decisions, one JSON object per line, and look a last time."""
        if self._has_ended_the_run:
            return
        try:
            self.decisions = list(self._decided())
            self._write()
        except HarnessError as error:
            self._end(error)
        self._look()

    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter
    ) -> None:
        """Name the calls that were refused because deciding about them failed."""
        failed = [one for one in self.decisions if one.get("decision") == "failed"]
        if failed:
            terminalreporter.section("calls about which the IAM gate could not decide")
        for one in failed:
            said = f"{one['call']} by {one['role']}: {one['reason']}"
            terminalreporter.line(said, red=True)

    def _look(self) -> None:
        try:
            gate_client.check_health(self._endpoint_url)
        except HarnessError as error:
            self._end(error)

    def _end(self, error: HarnessError) -> None:
        self._has_ended_the_run = True
        pytest.exit(str(error), returncode=1)

    def _decided(self) -> Iterator[gate_client.RecordedDecision]:
        """Return what was decided about this run: others may share the LocalStack."""
        accounts = [None] if self._accounts is None else self._accounts
        for account in accounts:
            for decision in gate_client.decisions(self._endpoint_url, account=account):
                if decision["account"] != gate_client.CANARY_ACCOUNT:
                    yield decision

    def _write(self) -> None:
        self._report.parent.mkdir(parents=True, exist_ok=True)
        # As a whole: another run of this checkout may be writing its own.
        draft = self._report.with_suffix(f".{os.getpid()}")
        draft.write_text("".join(f"{json.dumps(one)}\n" for one in self.decisions))
        draft.replace(self._report)


def decisions_of(config: pytest.Config) -> list[gate_client.RecordedDecision]:
    """Return what the gate decided in this run, once the run has ended."""
    watch = config.pluginmanager.get_plugin(NAME)
    return watch.decisions if isinstance(watch, GateWatch) else []
