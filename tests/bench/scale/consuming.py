"""The way out: the queue, its event source mapping and the Processors' batches."""

import heapq
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple

from bench.scale.limits import Bound, Limits, StackSettings
from bench.scale.scenario import Scenario


class Cohort(NamedTuple):
    """Messages that were sent in the same step and received equally often."""

    order: float
    sent_s: float
    receives: int
    messages: int


@dataclass(slots=True)
class QueueModel:
    """Visible and hidden messages, and what ended in the dead-letter queue.

    SQS promises no order. ``oldest_first`` delivers a redelivered message before
    younger ones, as LocalStack does; otherwise it goes to the back of the queue.
    """

    max_receive_count: int
    oldest_first: bool
    waiting: int = 0
    hidden: int = 0
    dead: int = 0
    _visible: list[Cohort] = field(default_factory=list)
    _hidden: list[tuple[float, Cohort]] = field(default_factory=list)

    def send(self, count: int, now_s: float) -> None:
        """Add new messages."""
        self._show(Cohort(now_s, now_s, 0, count))

    def reveal(self, now_s: float) -> None:
        """Make those visible again whose visibility timeout is over."""
        while self._hidden and self._hidden[0][0] <= now_s:
            at_s, cohort = heapq.heappop(self._hidden)
            self.hidden -= cohort.messages
            order = cohort.sent_s if self.oldest_first else at_s
            self._show(cohort._replace(order=order))

    def receive(self, count: int) -> list[Cohort]:
        """Take up to ``count`` messages; those received too often die instead."""
        taken = []
        while self._visible and (count > 0 or self._is_spent(self._visible[0])):
            cohort = heapq.heappop(self._visible)
            if self._is_spent(cohort):
                self.waiting -= cohort.messages
                self.dead += cohort.messages
                continue
            part = min(count, cohort.messages)
            count -= part
            self.waiting -= part
            taken.append(cohort._replace(receives=cohort.receives + 1, messages=part))
            if part < cohort.messages:
                heapq.heappush(
                    self._visible, cohort._replace(messages=cohort.messages - part)
                )
        return taken

    def hide(self, cohort: Cohort, until_s: float) -> None:
        """Keep failed messages for their redelivery."""
        if cohort.messages:
            self.hidden += cohort.messages
            heapq.heappush(self._hidden, (until_s, cohort))

    def redrive(self, count: int, now_s: float) -> None:
        """Move dead messages back, as new ones."""
        count = min(count, self.dead)
        self.dead -= count
        self.send(count, now_s)

    def oldest_sent_s(self) -> float | None:
        """Return when the oldest message that waits or hides was sent."""
        sent = [cohort.sent_s for cohort in self._visible]
        sent += [cohort.sent_s for _, cohort in self._hidden]
        return min(sent, default=None)

    def _is_spent(self, cohort: Cohort) -> bool:
        return cohort.receives >= self.max_receive_count

    def _show(self, cohort: Cohort) -> None:
        if cohort.messages:
            self.waiting += cohort.messages
            heapq.heappush(self._visible, cohort)


@dataclass(slots=True)
class MappingModel:
    """How many Processors the queue's event source mapping may run."""

    settings: StackSettings
    limits: Limits
    _allowed: float = 0
    _lowest: float = field(init=False)
    _highest: float = field(init=False)
    _growth_per_s: float = field(init=False)

    def __post_init__(self) -> None:
        aws, pollers = self.limits, self.settings.pollers
        if pollers is None:
            self._lowest, self._highest = aws.mapping_initial, aws.mapping_maximum
            self._growth_per_s = aws.mapping_growth_per_s
        else:
            self._lowest = pollers.minimum * aws.poller_invocations
            self._highest = pollers.maximum * aws.poller_invocations
            self._growth_per_s = aws.provisioned_growth_per_s

    def concurrency(self, free: float) -> tuple[float, Bound]:
        """Return the most that may run now, and which limit says so."""
        most: dict[Bound, float] = {Bound.POLLERS: self._highest}
        if self.settings.pollers is None:
            most = {
                Bound.MAXIMUM_CONCURRENCY: self.settings.maximum_concurrency,
                Bound.MAPPING_MAXIMUM: self._highest,
            }
        most[Bound.MAPPING_RAMP] = max(self._allowed, self._lowest)
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
        growth = self._growth_per_s if busy else -self._growth_per_s
        wanted = self._allowed + growth * step_s
        self._allowed = min(self._highest, max(self._lowest, wanted))


@dataclass(frozen=True, slots=True)
class _Work:
    """Messages that Processors work on until a step's end."""

    cohorts: list[Cohort]
    concurrency: float
    started_s: float
    fails: bool


@dataclass(slots=True)
class Consumer:
    """The mapping and its Processors; every message taken is deleted or hidden.

    ``held_up`` collects message-seconds of waiting by the limit that caused them.
    """

    scenario: Scenario
    queue: QueueModel
    held_up: Counter[Bound]
    running: float = 0
    busy: float = 0
    working: int = 0
    _mapping: MappingModel = field(init=False)
    _ending: defaultdict[int, list[_Work]] = field(init=False)
    _ended: list[_Work] = field(default_factory=list)
    _fraction: float = 0
    _late: float = 0

    def __post_init__(self) -> None:
        self._mapping = MappingModel(self.scenario.settings, self.scenario.limits)
        self._ending = defaultdict(list)

    def start(self, step: int, free: float) -> tuple[int, int]:
        """Fetch batches and begin them; return how many messages and batches."""
        given, waited = self.scenario, self.queue.waiting
        # What ends in this step has been free since its beginning.
        self._ended = self._ending.pop(step, [])
        self.running -= sum(work.concurrency for work in self._ended)
        allowed, bound = self._mapping.concurrency(free + self.running)
        most = self._startable(allowed, step * given.step_s)
        wanted = most * given.settings.batch_size
        room = given.limits.queue_in_flight - self.working - self.queue.hidden
        cohorts = self.queue.receive(min(wanted, max(0, room)))
        count = sum(cohort.messages for cohort in cohorts)
        if self.queue.waiting:
            held = Bound.IN_FLIGHT if room < wanted else bound
            self.held_up[held] += round(self.queue.waiting * given.step_s)
        self._mapping.grow(busy=waited > 0, step_s=given.step_s)
        # Free Processors take single messages; only a crowd fills batches.
        batches = max(-(-count // given.settings.batch_size), min(most, count))
        self._begin(step, cohorts, count, batches)
        return count, batches

    def end(self, step: int) -> int:
        """End what is due; return how many refunds the payment gateway decided."""
        self._ended += self._ending.pop(step, [])
        answered = sum(
            cohort.messages
            for work in self._ended
            if not work.fails
            for cohort in work.cohorts
        )
        capacity = self.scenario.gateway.capacity_per_s
        if capacity is None:
            return answered
        return min(answered, int(capacity * self.scenario.step_s))

    def settle(self, decided: int) -> None:
        """Delete what was decided and written; the rest is hidden until its time."""
        timeout_s = self.scenario.settings.visibility_timeout_s
        for work in self._ended:
            for cohort in work.cohorts:
                done = 0 if work.fails else min(decided, cohort.messages)
                decided -= done
                self.working -= cohort.messages
                failed = cohort._replace(messages=cohort.messages - done)
                self.queue.hide(failed, work.started_s + timeout_s)

    def _startable(self, allowed: float, now_s: float) -> int:
        """Return how many batches the free slots can begin in one step."""
        step_s = self.scenario.step_s
        slots = max(0.0, allowed - self.running)
        full_s = self._batch_s(self.scenario.settings.batch_size, now_s)
        begun = slots * max(1.0, step_s / full_s)
        exact = min(begun, self._mapping.polls_per_s(allowed) * step_s)
        exact += self._fraction
        self._fraction = exact % 1
        return int(exact)

    def _begin(
        self, step: int, cohorts: list[Cohort], count: int, batches: int
    ) -> None:
        self.busy = self.running
        if not count:
            return
        step_s, now_s = self.scenario.step_s, step * self.scenario.step_s
        took_s = self._batch_s(max(1, round(count / batches)), now_s)
        steps = self._steps(took_s) if took_s >= step_s else 0
        fails = self.scenario.gateway.is_out(now_s)
        held = float(batches) if steps else 0.0
        self._ending[step + steps].append(_Work(cohorts, held, now_s, fails))
        self.working += count
        self.running += held
        self.busy += batches * min(1.0, took_s / step_s)

    def _steps(self, took_s: float) -> int:
        """Round to whole steps so that the mean over many batches is exact."""
        exact = took_s / self.scenario.step_s + self._late
        self._late = exact % 1
        return int(exact)

    def _batch_s(self, calls: int, now_s: float) -> float:
        given, took = self.scenario, self.scenario.durations
        if not given.gateway.is_out(now_s):
            return took.batch_s + given.gateway.slowest_s(calls)
        own_s = took.batch_s if took.failed_batch_s is None else took.failed_batch_s
        if given.gateway.refuses:
            return own_s + given.gateway.slowest_s(calls)
        return own_s + given.settings.gateway_timeout_s
