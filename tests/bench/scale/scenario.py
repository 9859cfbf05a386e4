"""A run of the simulation: the load and the stack that it is given."""

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from bench.scale.durations import Durations, Handler, PaymentGatewayModel
from bench.scale.limits import Limits, StackSettings, read_settings
from service.checkout import ROOT

MINUTE_S, HOUR_S, DAY_S = 60, 3_600, 86_400
RATES = (10, 1_000, 20_000)

# Above this mean a Poisson count is a rounded normal one to within a tenth.
_NORMAL_FROM = 50

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


def arrivals(rate: Rate, seed: int, steps: int, step_s: float) -> Iterator[int]:
    """Yield how many refunds arrive in each step: a Poisson process of the rate."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    for step in range(steps):
        yield _poisson(chance, rate(step * step_s) * step_s)


def _poisson(chance: random.Random, mean: float) -> int:
    if mean >= _NORMAL_FROM:
        return max(0, round(chance.gauss(mean, math.sqrt(mean))))
    floor, product, count = math.exp(-mean), chance.random(), 0
    while product > floor:
        product *= chance.random()
        count += 1
    return count


@dataclass(frozen=True, slots=True)
class Redrive:
    """The operator moves the dead-letter queue back, at a rate."""

    at_s: float
    per_s: float


@dataclass(frozen=True, slots=True)
class Skew:
    """Zipf-distributed orders: the share of the r-th hottest falls with r^-exponent."""

    exponent: float
    orders: int = 100_000
    hottest: int = 20


@dataclass(frozen=True, slots=True)
class Scenario:
    """One run of the simulation.

    ``redelivery_scan_s`` is how often hidden messages are looked at: at once on AWS.
    ``given`` replaces the Poisson arrivals by counts for each step.
    ``warm_write_units_per_s`` of 0 means a table that has never seen load.
    """

    rate: Rate
    duration_s: float
    settings: StackSettings
    durations: Durations
    limits: Limits = field(default_factory=Limits)
    gateway: PaymentGatewayModel = field(default_factory=PaymentGatewayModel)
    reads_per_refund: float = 1
    skew: Skew | None = None
    redrive: Redrive | None = None
    warm_write_units_per_s: float = 0
    oldest_first: bool = False
    redelivery_scan_s: float = 0
    step_s: float = 1
    seed: int = 1
    given: Sequence[int] | None = None


@dataclass(frozen=True, slots=True)
class Base:
    """What all runs share: the template's settings and a handler's durations."""

    settings: StackSettings
    handler: Handler

    @classmethod
    def of(cls, handler: str) -> "Base":
        """Read the template and the measured figures."""
        return cls(read_settings(ROOT / "template.yaml"), Handler.named(handler))

    def first(self, rate_per_s: float) -> Scenario:
        """Return the run that a ladder begins with: a day, or half an hour of load."""
        settings, gateway = self.settings, PaymentGatewayModel()
        durations = self.handler.durations(
            settings.memory_mb, settings.batch_size, gateway
        )
        run = Scenario(
            steady(rate_per_s), HOUR_S / 2, settings, durations, gateway=gateway
        )
        if rate_per_s < 100:
            rate = diurnal(rate_per_s)
            return replace(run, rate=rate, duration_s=DAY_S, step_s=10)
        return run
