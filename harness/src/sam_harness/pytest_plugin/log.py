"""pytest plugin: what LocalStack logged during a failing test is in its report.

Registered where the log is known.
"""

from collections.abc import Generator

import pytest

from sam_harness.emulator.emulator import Emulator

LINES = 100


class LogOfTest:
    """Knows where the log stood when the test began."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._begin = 0

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self) -> Generator[None, object, object]:
        """Remember it: the log may be older than the run."""
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
            left_out = max(len(lines) - LINES, 0)
            title = f"LocalStack's log during the {report.when}"
            if left_out:
                title += f" (the last {LINES} lines; {left_out} before them)"
            report.sections.append((title, "\n".join(lines[-LINES:])))
        return report
