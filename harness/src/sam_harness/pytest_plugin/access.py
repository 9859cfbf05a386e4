"""pytest plugin: reports the access matrix, and fails a whole run for idle grants.

A conftest.py names it in ``pytest_plugins``. Tests hand in evidence as a property of
their report (see `sam_harness.access.report`). When the run ends, what the gate has
decided is compared with the grants; an idle one that the matrix does not explain fails
a whole run.
"""

from datetime import UTC, datetime

import pytest

from sam_harness import project
from sam_harness.access import matrix, page, report, stage, static
from sam_harness.access.report import PROPERTY as EVIDENCE
from sam_harness.access.report import Balance, Evidence
from sam_harness.access.stack import stacks_of
from sam_harness.errors import HarnessError
from sam_harness.pytest_plugin.plugin import emulator_of
from sam_harness.pytest_plugin.watch import decisions_of

# Stacks of these names are there to be tried out: what they do is no use.
STACK_PREFIX = "access-"
STAGE = "access-stage.json"
PAGE = "access-matrix.html"


def pytest_configure(config: pytest.Config) -> None:
    """Report once: where the run was started, not in xdist's workers."""
    if not hasattr(config, "workerinput") and not config.option.collectonly:
        try:
            config.pluginmanager.register(AccessReport(config))
        except HarnessError as error:
            raise pytest.UsageError(str(error)) from error


class AccessReport:
    """Collects evidence during a run, and writes it down at its end."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._project = project.current()
        self._template = self._project.template
        if not self._project.access_matrix:
            raise HarnessError("[tool.sam-harness] names no access-matrix to report on")
        self._matrix = matrix.load(self._project.access_matrix)
        self._evidence: list[Evidence] = []
        self._lines: list[str] = []
        self._problems: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the evidence out of a test's report, whichever process ran it."""
        self._evidence += [
            Evidence(**value)
            for name, value in report.user_properties
            if (report.when, name) == ("call", EVIDENCE) and isinstance(value, dict)
        ]

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the page; fail the run for what contradicts the matrix."""
        if not self._evidence:
            return
        try:
            self._report(whole=self._is_whole(session))
        except HarnessError as error:
            self._problems.append(str(error))
        if self._problems and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter
    ) -> None:
        """Print the matrix, and what contradicts it."""
        if not self._evidence:
            return
        terminalreporter.section(f"access matrix ({self._project.reports.name}/{PAGE})")
        for line in self._lines:
            terminalreporter.line(line)
        for problem in self._problems:
            terminalreporter.line(f"FAILED {problem}", red=True)

    def _report(self, *, whole: bool) -> None:
        layers = list(static.layers(self._template, self._matrix, {}))
        evidence = [
            *self._evidence,
            *static.evidence(layers, self._matrix),
            *stage.read(self._project.reports / STAGE),
        ]
        measured = self._balance()
        rows = report.rows(self._matrix, evidence, measured, whole=whole)
        self._problems += static.differences(layers, self._matrix)
        self._problems += [_failure(row) for row in rows if row.fails]
        notes = list(measured.notes())
        self._lines = [*report.text(rows), *notes]
        made = page.page(rows, self._problems, datetime.now(UTC), notes)
        target = self._project.reports / PAGE
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(made, encoding="utf-8")

    def _balance(self) -> Balance:
        """Compare the grants with what the roles of the deployed stacks did."""
        emulator = emulator_of(self._config)
        decisions = decisions_of(self._config)
        stacks = [
            one
            for account in {decision["account"] for decision in decisions}
            if emulator
            for one in stacks_of(
                emulator.session(account).client("cloudformation"),
                account,
                self._template,
                self._matrix.roles,
            )
            if not one.place.stack_name.startswith(STACK_PREFIX)
        ]
        roles = {name for one in stacks for name in one.resources}
        return report.balanced(self._matrix, report.uses(decisions, stacks), roles)

    def _is_whole(self, session: pytest.Session) -> bool:
        """Tell whether everything was run: else unused says nothing."""
        names = ("keyword", "markexpr", "lf", "ignore", "ignore_glob", "deselect")
        chosen = any(getattr(self._config.option, name, None) for name in names)
        parts = [one for one in self._config.args if "::" in one or one.endswith(".py")]
        return not chosen and not parts and session.exitstatus == pytest.ExitCode.OK


def _failure(row: report.Row) -> str:
    wrong = [layer.value for layer, holds in row.holds.items() if holds is False]
    said = f"contradicted by {', '.join(wrong)}" if wrong else "granted, never used"
    return f"{row.cell.sentence}: {said}"
