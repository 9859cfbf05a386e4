"""The runs that docs/scale.md tells of."""

from dataclasses import dataclass, replace

from harness.environments import ROOT
from scale.arrivals import Rate, bursts, diurnal, steady
from scale.handlers import Handler
from scale.limits import Limits
from scale.processor_model import PaymentGatewayModel
from scale.scenario import Redrive, Scenario, Skew
from scale.stack_settings import StackSettings, read_settings

RATES = (10, 1_000, 20_000)
MINUTE_S, HOUR_S = 60, 3_600
_OUTAGE = (10 * MINUTE_S, 70 * MINUTE_S)


@dataclass(frozen=True, slots=True)
class Base:
    """What all runs share: the template's settings and a handler's durations."""

    settings: StackSettings
    handler: Handler

    @classmethod
    def of(cls, handler: str) -> "Base":
        """Read the template and the measured figures."""
        return cls(read_settings(ROOT / "template.yaml"), Handler.named(handler))

    def scenario(
        self,
        rate: Rate,
        duration_s: float,
        gateway: PaymentGatewayModel | None = None,
        settings: StackSettings | None = None,
    ) -> Scenario:
        """Return a run on the template's settings, unless others are given."""
        gateway, settings = gateway or PaymentGatewayModel(), settings or self.settings
        durations = self.handler.durations(
            settings.memory_mb, settings.batch_size, gateway
        )
        return Scenario(rate, duration_s, settings, durations, gateway=gateway)

    def first(self, rate_per_s: float) -> Scenario:
        """Return the run that a ladder begins with: a day, or half an hour of load."""
        if rate_per_s < 100:
            day = self.scenario(diurnal(rate_per_s), 24 * HOUR_S)
            return replace(day, step_s=10)
        return self.scenario(steady(rate_per_s), HOUR_S / 2)


def outage(
    raised: Scenario,
    rate_per_s: float,
    *,
    hangs: bool = True,
    hours: float = 6,
    max_receive_count: int | None = None,
) -> Scenario:
    """Return an hour without the payment gateway, on settings that else suffice."""
    settings = raised.settings
    if max_receive_count is not None:
        settings = replace(settings, max_receive_count=max_receive_count)
    return replace(
        raised,
        rate=steady(rate_per_s),
        duration_s=hours * HOUR_S,
        step_s=1,
        settings=settings,
        gateway=PaymentGatewayModel(outage=_OUTAGE, refuses=not hangs),
    )


def weak_gateway(
    raised: Scenario, rate_per_s: float, capacity_per_s: float, processors: int
) -> Scenario:
    """Return an hour with a payment gateway that takes less than what comes."""
    return replace(
        raised,
        rate=steady(rate_per_s),
        duration_s=HOUR_S,
        settings=replace(raised.settings, maximum_concurrency=processors),
        gateway=replace(raised.gateway, capacity_per_s=capacity_per_s),
    )


def redriven(scenario: Scenario, per_s: float) -> Scenario:
    """Let the operator redrive ten minutes after the outage."""
    return replace(
        scenario, redrive=Redrive(scenario.gateway.outage[1] + 10 * MINUTE_S, per_s)
    )


def bursting(raised: Scenario, rate_per_s: float) -> Scenario:
    """Return a rate that is five times as high for one minute in ten."""
    rate = bursts(steady(rate_per_s), 5, 10 * MINUTE_S, MINUTE_S)
    return replace(raised, rate=rate, duration_s=HOUR_S)


def skewed(raised: Scenario, rate_per_s: float, exponent: float) -> Scenario:
    """Return Zipf-distributed orders on a stack that else suffices."""
    return replace(
        raised, rate=steady(rate_per_s), duration_s=HOUR_S / 4, skew=Skew(exponent)
    )


def cold_start(raised: Scenario, rate_per_s: float) -> Scenario:
    """Return the first quarter of an hour, from no load at all to the full rate."""
    return replace(raised, rate=steady(rate_per_s), duration_s=HOUR_S / 4)


def free_of_quotas(scenario: Scenario) -> Scenario:
    """Take the door's limits away: to see what is behind it."""
    limits = Limits(api_requests_per_s=1e9, api_burst=1e9)
    settings = replace(
        scenario.settings, throttle_rate=1e9, throttle_burst=1e9, quota_per_day=1e15
    )
    return replace(scenario, limits=limits, settings=settings)
