"""What became of the mutants of policies: a line for each, and the counts."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import pytest

# The name under which a test's report carries the fate of a mutant.
PROPERTY = "policy mutant"


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a mutant; ``explained`` says why it may survive."""

    mutant: str
    killed_by: str
    explained: str = ""

    @classmethod
    def told_by(cls, reports: Iterable[pytest.TestReport]) -> list[Self]:
        """Return the fates that the reports of tests carry."""
        return [
            cls(**value)
            for report in reports
            for name, value in report.user_properties
            if (report.when, name) == ("call", PROPERTY) and isinstance(value, dict)
        ]

    @property
    def word(self) -> str:
        """Say it in a word."""
        if self.killed_by:
            return "killed"
        return "survived, explained" if self.explained else "SURVIVED"


def table(fates: list[Fate]) -> list[str]:
    """Return the lines: survivors last, where they are seen."""
    width = max(len(fate.mutant) for fate in fates)
    ordered = sorted(fates, key=lambda fate: (not fate.killed_by, bool(fate.explained)))
    lines = [
        f"{fate.mutant:{width}}  {fate.word}: {fate.killed_by or fate.explained}"
        for fate in ordered
    ]
    words = [fate.word for fate in fates]
    counts = [f"{words.count(one)} {one}" for one in dict.fromkeys(words)]
    return [*lines, ", ".join(counts)]
