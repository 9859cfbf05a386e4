"""The way in: API Gateway, the Receiver and the table accept refunds or do not."""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.scale.limits import Bound, Limits, StackSettings
from bench.scale.scenario import DAY_S


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
            aws.lambda_scaling_burst, self._growth + aws.lambda_scaling_per_s * step_s
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


_PEAK_WINDOW_S = 60


def zipf_shares(exponent: float, orders: int, hottest: int) -> tuple[float, ...]:
    """Return the hottest orders' shares of all refunds, hottest first."""
    total = sum(rank**-exponent for rank in range(1, orders + 1))
    return tuple(rank**-exponent / total for rank in range(1, hottest + 1))


def served_of_order(limits: Limits, refunds_per_s: float, receives: int) -> float:
    """Return the share of an order's writes that its partition serves, at rest.

    The order's puts, and its updates with their repeats, share the partition alike.
    """
    served, most = 1.0, limits.partition_write_units_per_s
    for _ in range(100):
        repeats = sum((1 - served) ** receive for receive in range(receives))
        wanted = refunds_per_s * (1 + served * repeats)
        served = (served + min(1.0, most / max(wanted, 1e-9))) / 2
    return served


@dataclass(slots=True)
class WarmThroughput:
    """What the table takes at once: the initial rate, or twice its previous peak."""

    limits: Limits
    initial: float
    _peak: float = 0
    _minute_peak: float = 0
    _minute: int = 0
    _recent: deque[tuple[float, float]] = field(default_factory=deque)

    def per_s(self, now_s: float) -> float:
        """Return the write units per second; a peak counts 30 minutes later."""
        while (
            self._recent and self._recent[0][0] <= now_s - self.limits.table_doubling_s
        ):
            self._peak = max(self._peak, self._recent.popleft()[1])
        return max(self.initial, 2 * self._peak)

    def record(self, write_units_per_s: float, now_s: float) -> None:
        """Remember what was written."""
        minute = int(now_s // _PEAK_WINDOW_S)
        if minute != self._minute:
            self._recent.append((now_s, self._minute_peak))
            self._minute, self._minute_peak = minute, 0.0
        self._minute_peak = max(self._minute_peak, write_units_per_s)


@dataclass(slots=True)
class TableModel:
    """Settles what a step wants to write; puts and updates fare alike.

    ``hot_shares`` are the orders that may be too hot for one partition; the other
    orders are many, and spread over all partitions.
    """

    limits: Limits
    warm: WarmThroughput
    hot_shares: Sequence[float]
    turned_away: Counter[Bound]
    undecided: float = 0
    _hot_undecided: list[float] = field(init=False)

    def __post_init__(self) -> None:
        self._hot_undecided = [0.0] * len(self.hot_shares)

    def write(
        self, puts: int, updates: int, now_s: float, step_s: float
    ) -> tuple[int, int]:
        """Return how many puts and updates are written; the others are throttled."""
        served, bound = self._served(puts + updates, now_s, step_s)
        wanted = puts
        puts, updates = int(puts * served + 1e-9), int(updates * served + 1e-9)
        self.turned_away[bound] += wanted - puts
        cool_puts, cool_updates = self._cool(puts, updates, step_s)
        self.turned_away[Bound.INDEX_PARTITION] += puts - cool_puts
        self.undecided += cool_puts - cool_updates
        self.warm.record((cool_puts + cool_updates) / step_s, now_s)
        return cool_puts, cool_updates

    def _served(self, units: int, now_s: float, step_s: float) -> tuple[float, Bound]:
        warm = self.warm.per_s(now_s)
        quota = self.limits.table_write_units_per_s
        bound = Bound.TABLE_WARM if warm < quota else Bound.TABLE_QUOTA
        return min(1.0, min(warm, quota) * step_s / max(units, 1)), bound

    def _cool(self, puts: int, updates: int, step_s: float) -> tuple[int, int]:
        """Take off what one partition of the index does not accept."""
        lost_puts = lost_updates = 0.0
        before = max(self.undecided, 1.0)
        for order, share in enumerate(self.hot_shares):
            hot_puts = puts * share
            hot_updates = updates * self._hot_undecided[order] / before
            most = self.limits.partition_write_units_per_s * step_s
            served = min(1.0, most / max(hot_puts + hot_updates, 1e-9))
            lost_puts += hot_puts * (1 - served)
            lost_updates += hot_updates * (1 - served)
            self._hot_undecided[order] += (hot_puts - hot_updates) * served
        return puts - round(lost_puts), updates - round(lost_updates)
