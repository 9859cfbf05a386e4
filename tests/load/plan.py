"""What is sent when: the same arrivals each time, by a seed."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

SEED = 19


@dataclass(frozen=True, slots=True)
class Phase:
    """So many requests a second, on average, for some seconds."""

    rate_per_s: float
    duration_s: float


@dataclass(frozen=True, slots=True)
class Scenario:
    """A load, and when the payment gateway is out (seconds from the first arrival)."""

    name: str
    phases: tuple[Phase, ...]
    outage_s: tuple[float, float] | None = None

    @property
    def duration_s(self) -> float:
        """How long requests arrive."""
        return sum(phase.duration_s for phase in self.phases)

    def arrivals(self) -> list[float]:
        """Return when each request is due: a Poisson process, phase by phase."""
        return list(self._arrivals())

    def _arrivals(self) -> Iterator[float]:
        chance = random.Random(f"{SEED} {self.name}")  # noqa: S311 - no secret
        ends = 0.0
        for phase in self.phases:
            begins, ends = ends, ends + phase.duration_s
            at = begins + chance.expovariate(phase.rate_per_s)
            while at < ends:
                yield at
                at += chance.expovariate(phase.rate_per_s)


_CALM, _BURST = Phase(4, 8), Phase(20, 4)
SCENARIOS = (
    Scenario("steady", (Phase(5, 20),)),
    Scenario("burst", (_CALM, _BURST, _CALM)),
    Scenario("burst and outage", (_CALM, _BURST, _CALM), outage_s=(7, 14)),
)
# What the emulator keeps of a refund is known only after many: memory comes in steps.
ENDURANCE = (
    Scenario("500 to begin with", (Phase(5, 100),)),
    Scenario("5,000 more", (Phase(5, 1000),)),
)
