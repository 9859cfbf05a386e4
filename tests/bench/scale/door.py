"""API Gateway and the Receiver: which requests become accepted refunds."""

from collections import Counter
from dataclasses import dataclass, field

from scale.arrivals import DAY_S
from scale.limits import Bound, Limits
from scale.stack_settings import StackSettings


@dataclass(slots=True)
class TokenBucket:
    """A rate with a burst; what is left over is kept up to the burst."""

    rate_per_s: float
    burst: float
    tokens: float

    def take(self, wanted: float, step_s: float) -> float:
        """Take as many tokens as there are, after a step's refill."""
        held = self.tokens + self.rate_per_s * step_s
        taken = min(wanted, held)
        self.tokens = min(self.burst, held - taken)
        return taken


@dataclass(slots=True)
class Gate:
    """The key's throttle, its quota and the account's throttle, in this order.

    A refund is one POST and ``reads_per_refund`` GETs; all of them cost.
    """

    settings: StackSettings
    limits: Limits
    reads_per_refund: float
    turned_away: Counter[Bound]
    _key: TokenBucket = field(init=False)
    _account: TokenBucket = field(init=False)
    _quota_left: float = field(init=False)
    _day: int = 0

    def __post_init__(self) -> None:
        own, aws = self.settings, self.limits
        self._key = TokenBucket(
            own.throttle_rate, own.throttle_burst, own.throttle_burst
        )
        self._account = TokenBucket(
            aws.api_requests_per_s, aws.api_burst, aws.api_burst
        )
        self._quota_left = own.quota_per_day

    def admit(self, refunds: int, now_s: float, step_s: float) -> int:
        """Return how many of the refunds get through."""
        cost = 1 + self.reads_per_refund
        if now_s // DAY_S != self._day:
            self._day = int(now_s // DAY_S)
            self._quota_left = self.settings.quota_per_day
        let_in = int(self._key.take(refunds * cost, step_s) / cost + 1e-9)
        self.turned_away[Bound.THROTTLE_RATE] += refunds - let_in
        counted = min(let_in, int(self._quota_left / cost))
        self._quota_left -= counted * cost
        self.turned_away[Bound.QUOTA_PER_DAY] += let_in - counted
        through = int(self._account.take(counted * cost, step_s) / cost + 1e-9)
        self.turned_away[Bound.API_ACCOUNT] += counted - through
        return through


@dataclass(slots=True)
class ReceiverPool:
    """The Receiver's execution environments."""

    limits: Limits
    request_s: float
    turned_away: Counter[Bound]
    environments: float = 0
    _growth: float = field(init=False)

    def __post_init__(self) -> None:
        self._growth = self.limits.lambda_scaling_burst

    def admit(self, refunds: int, free_concurrency: float, step_s: float) -> int:
        """Return how many invocations start; the others are answered 5xx."""
        aws = self.limits
        self._growth = min(
            aws.lambda_scaling_burst,
            self._growth + aws.lambda_scaling_per_s * step_s,
        )
        needed = refunds * self.request_s / step_s
        grown = self.environments + self._growth
        most = {
            Bound.LAMBDA_CONCURRENCY: free_concurrency * step_s / self.request_s,
            Bound.LAMBDA_SCALING: grown * step_s / self.request_s,
            Bound.LAMBDA_REQUESTS: aws.lambda_concurrency
            * aws.lambda_requests_per_s_per_concurrency
            * step_s,
        }
        bound = min(most, key=lambda name: most[name])
        started = min(refunds, int(most[bound] + 1e-9))
        self.turned_away[bound] += refunds - started
        added = max(0.0, min(needed, grown) - self.environments)
        self.environments += added
        self._growth -= added
        return started
