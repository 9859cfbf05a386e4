"""The consuming side: batches that Processors fetch, work on and give back."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from scale.limits import Bound
from scale.processor_model import MappingModel
from scale.queue_model import Cohort, QueueModel
from scale.scenario import Scenario


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
        # Who ends in this step has been free since its beginning.
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
