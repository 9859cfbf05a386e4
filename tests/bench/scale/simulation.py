"""The simulation: refunds flow through the stack in small, equal steps of time.

A flow, not single events: at 20,000 refunds per second an hour is 72 million refunds,
and every limit of interest is a rate or a count. Refunds are whole numbers, so that
none can be lost: accepted = decided + waiting + in flight + dead, after every step.
"""

from dataclasses import dataclass, field

from scale.arrivals import Arrivals
from scale.consumer import Consumer
from scale.door import Gate, ReceiverPool
from scale.queue_model import QueueModel
from scale.scenario import Scenario
from scale.table_model import TableModel, WarmThroughput, zipf_shares
from scale.timeline import Timeline

_LOOK_AT_AGE_EVERY_S = 60


def simulate(scenario: Scenario) -> Timeline:
    """Run a scenario from an empty stack; the same one gives the same timeline."""
    run = _Run(scenario)
    steps = round(scenario.duration_s / scenario.step_s)
    arrivals = Arrivals(scenario.rate, scenario.seed).counts(steps, scenario.step_s)
    for step, asked in enumerate(
        arrivals if scenario.given is None else scenario.given
    ):
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
        self._queue = QueueModel(given.settings.max_receive_count, given.oldest_first)
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
        self._consumer.settle(decided)
        self._queue.send(accepted, now_s)
        self._record(step, (asked, accepted, decided, received, batches))

    def _return_messages(self, now_s: float) -> None:
        given, redrive = self.scenario, self.scenario.redrive
        if redrive and now_s >= redrive.at_s and self._queue.dead:
            self._queue.redrive(round(redrive.per_s * given.step_s), now_s)
        scan_s = given.redelivery_scan_s
        if not scan_s or now_s % scan_s < given.step_s:
            self._queue.reveal(now_s)

    def _record(self, step: int, counted: tuple[int, int, int, int, int]) -> None:
        line, time_s = self.timeline, (step + 1) * self.scenario.step_s
        growing = line.asked, line.accepted, line.decided, line.receives, line.batches
        for series, more in zip(growing, counted, strict=True):
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
