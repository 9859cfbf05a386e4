"""How many refunds are asked for, step by step: seeded, so every run is the same."""

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

# Above this mean a Poisson count is a rounded normal one to within a tenth.
_NORMAL_FROM = 50

DAY_S = 86_400

type Rate = Callable[[float], float]


def steady(per_s: float) -> Rate:
    """Return the same rate at all times."""
    return lambda _: per_s


def diurnal(mean_per_s: float, swing: float = 0.8) -> Rate:
    """Return a day's wave: lowest at midnight, highest at noon."""
    return lambda t: mean_per_s * (1 - swing * math.cos(2 * math.pi * t / DAY_S))


def bursts(base: Rate, factor: float, every_s: float, for_s: float) -> Rate:
    """Multiply the rate by ``factor`` for some seconds at the end of each period."""
    return lambda t: base(t) * (factor if t % every_s >= every_s - for_s else 1)


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Independent clients: a Poisson process of the given rate."""

    rate: Rate
    seed: int

    def counts(self, steps: int, step_s: float) -> Iterator[int]:
        """Yield how many refunds arrive in each step."""
        chance = random.Random(self.seed)  # noqa: S311 - repeatable, not secret
        for step in range(steps):
            yield _poisson(chance, self.rate(step * step_s) * step_s)


def _poisson(chance: random.Random, mean: float) -> int:
    if mean >= _NORMAL_FROM:
        return max(0, round(chance.gauss(mean, math.sqrt(mean))))
    floor, product, count = math.exp(-mean), chance.random(), 0
    while product > floor:
        product *= chance.random()
        count += 1
    return count
