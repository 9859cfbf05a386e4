"""The table of killed and surviving mutants at the end of a run."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import pytest

# The name under which a test's report carries it.
PROPERTY = "policy mutant"


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a mutant; ``explained`` says why it may survive."""

    mutant: str
    killed_by: str
    explained: str = ""

    @property
    def verdict(self) -> str:
        """Say it in a word."""
        if self.killed_by:
            return "killed"
        return "survived, explained" if self.explained else "SURVIVED"

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Self:
        """Return what ``to_fields`` was made of."""
        return cls(**fields)

    def to_fields(self) -> dict[str, Any]:
        """Return it as JSON takes it."""
        return asdict(self)


class MutationReport:
    """Collects the fates of mutants, and prints them."""

    def __init__(self) -> None:
        self._fates: list[Fate] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the fate out of a test's report."""
        if report.when == "call":
            self._fates += [
                Fate.from_fields(value)
                for name, value in report.user_properties
                if name == PROPERTY and isinstance(value, dict)
            ]

    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter
    ) -> None:
        """Print one line per mutant, and how many of each fate."""
        if not self._fates:
            return
        terminalreporter.section("policy mutation")
        for line in table(self._fates):
            terminalreporter.line(line)


def table(fates: list[Fate]) -> list[str]:
    """Return the lines: survivors last, where they are seen."""
    width = max(len(fate.mutant) for fate in fates)
    ordered = sorted(fates, key=lambda fate: (not fate.killed_by, bool(fate.explained)))
    lines = [
        f"{fate.mutant:{width}}  {fate.verdict}: {fate.killed_by or fate.explained}"
        for fate in ordered
    ]
    verdicts = [fate.verdict for fate in fates]
    counts = [f"{verdicts.count(one)} {one}" for one in dict.fromkeys(verdicts)]
    return [*lines, ", ".join(counts)]
