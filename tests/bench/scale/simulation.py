"""The simulation: refunds flow through the stack in small, equal steps of time.

A flow, not single events: at 20,000 refunds per second an hour is 72 million refunds,
and every limit of interest is a rate or a count. Refunds are whole numbers, so that
none can be lost: accepted = decided + waiting + in flight + dead, after every step.
"""

from collections import Counter
from dataclasses import dataclass, field
from random import Random

from bench.scale.accepting import (
    Gate,
    ReceiverPool,
    TableModel,
    WarmThroughput,
    zipf_shares,
)
from bench.scale.consuming import Consumer
from bench.scale.limits import Bound
from bench.scale.scenario import Scenario, arrivals
from bench.scale.waiting import QueueModel
from refunds.domain.redelivery import RedeliveryRule

_LOOK_AT_AGE_EVERY_S = 60


@dataclass(slots=True)
class Timeline:
    """Counts after each step; the first six only ever grow."""

    step_s: float
    asked: list[int] = field(default_factory=list)
    accepted: list[int] = field(default_factory=list)
    decided: list[int] = field(default_factory=list)
    receives: list[int] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)
    calls: list[int] = field(default_factory=list)
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

    def points(
        self, series: list[int], until_s: float, unit_s: float
    ) -> list[tuple[float, float]]:
        """Return a series at some 240 times, which are in a unit of so many seconds."""
        steps = min(len(series), round(until_s / self.step_s))
        return [
            ((step + 1) * self.step_s / unit_s, series[step])
            for step in range(0, steps, max(1, steps // 240))
        ]

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

    def failure_alarm(self, percent: float) -> float | None:
        """Return when the gateway's alarm rings: three minutes of five above it."""
        above: list[bool] = []
        for minute in range(int(len(self.receives) * self.step_s / 60)):
            begin_s, end_s = 60 * minute, 60 * (minute + 1) - self.step_s
            received = self.per_s(self.receives, begin_s, end_s)
            decided = self.per_s(self.decided, begin_s, end_s)
            above.append(100 * (received - decided) > percent * max(received, 1e-9))
            if sum(above[-5:]) == 3:
                return end_s + self.step_s
        return None

    def longest_wait_s(self) -> float:
        """Return the greatest age of an undecided message, seen once a minute."""
        return max((age_s for _, age_s in self.oldest_s), default=0.0)


def simulate(scenario: Scenario) -> Timeline:
    """Run a scenario from an empty stack; the same one gives the same timeline."""
    run = _Run(scenario)
    steps = round(scenario.duration_s / scenario.step_s)
    drawn = arrivals(scenario.rate, scenario.seed, steps, scenario.step_s)
    for step, asked in enumerate(drawn if scenario.given is None else scenario.given):
        run.step(step, asked)
    return run.timeline


@dataclass(slots=True)
class _Run:
    scenario: Scenario
    timeline: Timeline = field(init=False)
    _gate: Gate = field(init=False)
    _receivers: ReceiverPool = field(init=False)
    _queue: QueueModel = field(init=False)
    _consumer: Consumer = field(init=False)
    _table: TableModel = field(init=False)

    def __post_init__(self) -> None:
        given = self.scenario
        self.timeline = Timeline(given.step_s)
        away = self.timeline.turned_away
        self._gate = Gate(given.settings, given.limits, given.reads_per_refund, away)
        self._receivers = ReceiverPool(given.limits, given.durations.receiver_s, away)
        self._queue = QueueModel(
            given.settings.max_receive_count,
            given.oldest_first,
            RedeliveryRule(given.settings.longest_retry_s),
            Random(given.seed),  # noqa: S311 - repeatable, not secret
        )
        self._consumer = Consumer(given, self._queue, self.timeline.held_up)
        self._table = _table(given, self.timeline)

    def step(self, step: int, asked: int) -> None:
        """Advance by one step."""
        given, now_s = self.scenario, step * self.scenario.step_s
        free = given.limits.lambda_concurrency - self._consumer.running
        let_in = self._gate.admit(asked, now_s, given.step_s)
        puts = self._receivers.admit(let_in, free, given.step_s)
        free -= puts * given.durations.receiver_s / given.step_s
        self._return_messages(now_s)
        received, batches = self._consumer.start(step, free)
        updates = self._consumer.end(step)
        accepted, decided = self._table.write(puts, updates, now_s, given.step_s)
        self._consumer.settle(decided, now_s)
        self._queue.send(accepted, now_s)
        calls = self._consumer.calls - (self.timeline.calls or [0])[-1]
        self._record(step, (asked, accepted, decided, received, batches, calls))

    def _return_messages(self, now_s: float) -> None:
        given, redrive = self.scenario, self.scenario.redrive
        if redrive and now_s >= redrive.at_s and self._queue.dead:
            self._queue.redrive(round(redrive.per_s * given.step_s), now_s)
        scan_s = given.redelivery_scan_s
        if not scan_s or now_s % scan_s < given.step_s:
            self._queue.reveal(now_s)

    def _record(self, step: int, counted: tuple[int, ...]) -> None:
        line, time_s = self.timeline, (step + 1) * self.scenario.step_s
        growing = line.asked, line.accepted, line.decided, line.receives, line.batches
        for series, more in zip((*growing, line.calls), counted, strict=True):
            series.append((series[-1] if series else 0) + more)
        line.waiting.append(self._queue.waiting)
        line.in_flight.append(self._queue.hidden + self._consumer.working)
        line.dead.append(self._queue.dead)
        line.concurrency.append(self._consumer.busy)
        if time_s % _LOOK_AT_AGE_EVERY_S < self.scenario.step_s:
            oldest = self._queue.oldest_sent_s()
            line.oldest_s.append((time_s, 0 if oldest is None else time_s - oldest))


def _table(given: Scenario, timeline: Timeline) -> TableModel:
    initial = given.limits.table_initial_write_units_per_s
    warm = WarmThroughput(given.limits, max(initial, given.warm_write_units_per_s))
    skew = given.skew
    shares = zipf_shares(skew.exponent, skew.orders, skew.hottest) if skew else ()
    return TableModel(given.limits, warm, shares, timeline.turned_away)
