"""Watches the IAM gate during a pytest run, and writes down what it decided.

Registered by harness.pytest_plugin where LocalStack is started; xdist's workers need
nothing of it.
"""

import json
from pathlib import Path

import pytest

from harness.emulator import gate_client
from harness.environments import ROOT
from harness.errors import HarnessError

REPORT = ROOT / "reports" / "iam-decisions.jsonl"


class GateWatch:
    """Ends the run once the gate has failed: no result counts from then on."""

    def __init__(self, endpoint_url: str, report: Path = REPORT) -> None:
        self._endpoint_url = endpoint_url
        self._report = report
        self._has_ended_the_run = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Look after every test."""
        if report.when == "teardown":
            self._look()

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Write the decisions, one JSON object per line, and look a last time."""
        if self._has_ended_the_run:
            return
        try:
            self._write(gate_client.decisions(self._endpoint_url))
        except HarnessError as error:
            self._end(error)
        self._look()

    def _look(self) -> None:
        try:
            gate_client.check_health(self._endpoint_url)
        except HarnessError as error:
            self._end(error)

    def _end(self, error: HarnessError) -> None:
        self._has_ended_the_run = True
        pytest.exit(str(error), returncode=1)

    def _write(self, decisions: list[gate_client.Decided]) -> None:
        self._report.parent.mkdir(parents=True, exist_ok=True)
        with self._report.open("w") as report:
            for decided in decisions:
                if decided["account"] != gate_client.CANARY_ACCOUNT:
                    report.write(json.dumps(decided) + "\n")
