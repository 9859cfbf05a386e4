"""What a simulated run did, step by step, and the questions asked of it."""

from collections import Counter
from dataclasses import dataclass, field

from scale.limits import Bound

_ALARM_PERIOD_S = 60


@dataclass(slots=True)
class Timeline:
    """Counts after each step; the first four only ever grow."""

    step_s: float
    asked: list[int] = field(default_factory=list)
    accepted: list[int] = field(default_factory=list)
    decided: list[int] = field(default_factory=list)
    receives: list[int] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)
    in_flight: list[int] = field(default_factory=list)
    dead: list[int] = field(default_factory=list)
    concurrency: list[float] = field(default_factory=list)
    oldest_s: list[tuple[float, float]] = field(default_factory=list)
    turned_away: Counter[Bound] = field(default_factory=Counter)
    held_up: Counter[Bound] = field(default_factory=Counter)

    @property
    def backlog(self) -> list[int]:
        """Accepted refunds that are neither decided nor dead, after each step."""
        return [a + b for a, b in zip(self.waiting, self.in_flight, strict=True)]

    def at(self, series: list[int], time_s: float) -> int:
        """Return a series' value at a time."""
        return series[min(len(series) - 1, int(time_s / self.step_s))]

    def per_s(self, series: list[int], from_s: float, to_s: float) -> float:
        """Return how fast a growing series grew between two times."""
        grown = self.at(series, to_s) - self.at(series, from_s)
        return grown / (to_s - from_s)

    def first(self, series: list[int]) -> float | None:
        """Return when a series first was more than nothing."""
        for step, value in enumerate(series):
            if value:
                return (step + 1) * self.step_s
        return None

    def drained_s(self, after_s: float, idle: int) -> float | None:
        """Return when, after a time, the backlog was down to what is usual."""
        for step in range(int(after_s / self.step_s), len(self.waiting)):
            if self.waiting[step] + self.in_flight[step] <= idle:
                return (step + 1) * self.step_s
        return None

    def age_alarm(self, threshold_s: float, periods: int = 3) -> float | None:
        """Return when the age alarm rings: so many minutes in a row above it."""
        above = 0
        for time_s, age_s in self.oldest_s:
            above = above + 1 if age_s > threshold_s else 0
            if above == periods:
                return time_s
        return None

    def longest_wait_s(self) -> float:
        """Return the greatest age of an undecided message, seen once a minute."""
        return max((age_s for _, age_s in self.oldest_s), default=0.0)
