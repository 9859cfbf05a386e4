"""The queue's mapping, the Processor and the payment gateway behind it."""

import math
from dataclasses import dataclass
from statistics import NormalDist

from scale.limits import Bound, Limits
from scale.stack_settings import StackSettings


@dataclass(frozen=True, slots=True)
class PaymentGatewayModel:
    """Latency is log-normal; during the outage no call is answered, or each is refused.

    ``capacity_per_s`` is what it can take; it refuses at once what is more.
    """

    median_s: float = 0.15
    sigma: float = 0.5
    capacity_per_s: float | None = None
    outage: tuple[float, float] = (0, 0)
    refuses: bool = False

    def is_out(self, now_s: float) -> bool:
        """Tell whether the outage is on."""
        return self.outage[0] <= now_s < self.outage[1]

    def mean_s(self) -> float:
        """Return the mean latency of one call."""
        return self.median_s * math.exp(self.sigma**2 / 2)

    def slowest_s(self, calls: int) -> float:
        """Return the slowest of so many calls side by side, as expected."""
        z = NormalDist().inv_cdf(calls / (calls + 1))
        return self.median_s * math.exp(self.sigma * z)


@dataclass(slots=True)
class MappingModel:
    """How many Processors the queue's mapping may run."""

    settings: StackSettings
    limits: Limits
    allowed: float = 0

    def concurrency(self, free: float) -> tuple[float, Bound]:
        """Return the most that may run now, and which limit says so."""
        aws, pollers = self.limits, self.settings.pollers
        if pollers is None:
            most = {
                Bound.MAXIMUM_CONCURRENCY: float(self.settings.maximum_concurrency),
                Bound.MAPPING_MAXIMUM: float(aws.mapping_maximum),
                Bound.MAPPING_RAMP: max(self.allowed, aws.mapping_initial),
            }
        else:
            lowest = float(pollers.minimum * aws.poller_invocations)
            most = {
                Bound.POLLERS: float(pollers.maximum * aws.poller_invocations),
                Bound.MAPPING_RAMP: max(self.allowed, lowest),
            }
        most[Bound.LAMBDA_CONCURRENCY] = max(0.0, free)
        bound = min(most, key=lambda name: most[name])
        return most[bound], bound

    def polls_per_s(self, concurrency: float) -> float:
        """Return how many batches may be fetched per second."""
        if self.settings.pollers is None:
            return float("inf")
        pollers = concurrency / self.limits.poller_invocations
        return pollers * self.limits.poller_polls_per_s

    def grow(self, *, busy: bool, step_s: float) -> None:
        """Scale up while messages are left, down when there are none."""
        aws, pollers = self.limits, self.settings.pollers
        if pollers is None:
            growth, lowest, most = (
                aws.mapping_growth_per_s,
                aws.mapping_initial,
                float(aws.mapping_maximum),
            )
        else:
            growth = aws.provisioned_growth_per_s
            lowest = float(pollers.minimum * aws.poller_invocations)
            most = float(pollers.maximum * aws.poller_invocations)
        wanted = self.allowed + (growth if busy else -growth) * step_s
        self.allowed = min(most, max(lowest, wanted))
