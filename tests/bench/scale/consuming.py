"""The way out: the queue's event source mapping and the Processors' batches."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from bench.scale.environments import Environments, Group
from bench.scale.limits import Bound, Limits, StackSettings
from bench.scale.scenario import Scenario
from bench.scale.waiting import Cohort, QueueModel, split


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

    @property
    def most(self) -> int:
        """The most Processors that ever run at once."""
        if self.settings.pollers is None:
            return min(self.settings.maximum_concurrency, int(self._highest))
        return int(self._highest)

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
    fails: bool


@dataclass(slots=True)
class Consumer:
    """The mapping and its Processors; every message taken is deleted or hidden.

    ``held_up`` collects message-seconds of waiting by the limit that caused them;
    ``calls`` are those of the payment gateway so far.
    """

    scenario: Scenario
    queue: QueueModel
    held_up: Counter[Bound]
    running: float = 0
    busy: float = 0
    working: int = 0
    calls: int = 0
    _mapping: MappingModel = field(init=False)
    _environments: Environments = field(init=False)
    _ending: defaultdict[int, list[_Work]] = field(init=False)
    _ended: list[_Work] = field(default_factory=list)
    _fraction: float = 0
    _late: float = 0
    _again_share: float = 0

    def __post_init__(self) -> None:
        settings, limits = self.scenario.settings, self.scenario.limits
        self._mapping = MappingModel(settings, limits)
        self._ending = defaultdict(list)
        self._environments = Environments(
            self.scenario.gateway, self._mapping.most, settings.gateway_pause_s
        )

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
        self.busy = self.running
        if count:
            self._begin(step, cohorts, count, batches)
        return count, batches

    def end(self, step: int) -> int:
        """End what is due; return how many refunds the payment gateway decided."""
        self._ended += self._ending.pop(step, [])
        return sum(
            cohort.messages
            for work in self._ended
            if not work.fails
            for cohort in work.cohorts
        )

    def settle(self, decided: int, now_s: float) -> None:
        """Delete what was decided and written; the rest is hidden until its time."""
        for work in self._ended:
            for cohort in work.cohorts:
                done = 0 if work.fails else min(decided, cohort.messages)
                decided -= done
                self.working -= cohort.messages
                failed = cohort._replace(messages=cohort.messages - done)
                self.queue.fail(failed, now_s)

    def _startable(self, allowed: float, now_s: float) -> int:
        """Return how many batches the free slots can begin in one step."""
        step_s = self.scenario.step_s
        slots = max(0.0, allowed - self.running)
        full_s = self._expected_s(self.scenario.settings.batch_size, now_s)
        begun = slots * max(1.0, step_s / full_s)
        exact = min(begun, self._mapping.polls_per_s(allowed) * step_s)
        exact += self._fraction
        self._fraction = exact % 1
        return int(exact)

    def _begin(
        self, step: int, cohorts: list[Cohort], count: int, batches: int
    ) -> None:
        now_s = step * self.scenario.step_s
        begun = self._environments.begin(count, batches, now_s)
        answered, cohorts = split(cohorts, begun.answered.messages)
        failed, held = split(cohorts, begun.failed.messages)
        again = sum(cohort.messages for cohort in answered if cohort.receives > 1)
        self._again_share = again / max(1, begun.answered.messages)
        self.calls += begun.answered.messages + again + begun.failed.calls
        took_s = self._answered_s(begun.answered, again)
        self._work(step, answered, begun.answered.batches, took_s)
        took_s = self._failed_s(begun.failed.calls // max(1, begun.failed.batches))
        self._work(step, failed, begun.failed.batches, took_s, fails=True)
        took_s = self._own_s(fails=True)
        self._work(step, held, begun.held.batches, took_s, fails=True)

    def _work(
        self,
        step: int,
        cohorts: list[Cohort],
        batches: int,
        took_s: float,
        *,
        fails: bool = False,
    ) -> None:
        if not cohorts:
            return
        step_s = self.scenario.step_s
        steps = self._steps(took_s) if took_s >= step_s else 0
        running = float(batches) if steps else 0.0
        self._ending[step + steps].append(_Work(cohorts, running, fails))
        self.working += sum(cohort.messages for cohort in cohorts)
        self.running += running
        self.busy += batches * min(1.0, took_s / step_s)

    def _steps(self, took_s: float) -> int:
        """Round to whole steps so that the mean over many batches is exact."""
        exact = took_s / self.scenario.step_s + self._late
        self._late = exact % 1
        return int(exact)

    def _expected_s(self, calls: int, now_s: float) -> float:
        """Return a batch's time, as the environments' breakers are on average."""
        share = self._environments.open_share
        if self.scenario.gateway.is_out(now_s):
            called_s = self._failed_s(calls)
        else:
            called_s = self._answered_s(
                Group(calls, 1), round(calls * self._again_share)
            )
        return share * self._own_s(fails=True) + (1 - share) * called_s

    def _answered_s(self, group: Group, again: int) -> float:
        """Return the time of a batch of which some are looked up before they are paid.

        The look-ups are made side by side, and so are the payments.
        """
        gateway, batches = self.scenario.gateway, max(1, group.batches)
        paid_s = gateway.slowest_s(max(1, round(group.messages / batches)))
        asked_s = gateway.slowest_s(max(1, round(again / batches))) if again else 0
        return self._own_s() + paid_s + asked_s

    def _failed_s(self, calls: int) -> float:
        gateway = self.scenario.gateway
        if gateway.refuses:
            return self._own_s(fails=True) + gateway.slowest_s(max(1, calls))
        return self._own_s(fails=True) + self.scenario.settings.gateway_timeout_s

    def _own_s(self, *, fails: bool = False) -> float:
        """Return a batch's time without the payment gateway."""
        took = self.scenario.durations
        if fails and took.failed_batch_s is not None:
            return took.failed_batch_s
        return took.batch_s
