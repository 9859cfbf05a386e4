"""A bounded load on the local stack, and how long batches take there."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http import HTTPStatus
from statistics import mean
from threading import Event, Thread
from uuid import uuid4

import requests

from bench.scale.local_prediction import Calibration, Observed, Plan, Sample
from bench.scale.scenario import arrivals, steady
from sam_harness.waiting import wait_until
from service.client import RefundClient
from service.functions import paused
from service.queues import Queues
from service.running import Running

_CLIENTS = 8
_SAMPLE_EVERY_S = 0.2
_STEP_S = 0.1
_MOST_STEPS = 10_000


class LocalLoad:
    """Sends to one running stack and looks at its queues."""

    def __init__(
        self, service: Running, plan: Plan, on_progress: Callable[[str], None]
    ) -> None:
        session = service.emulator.session()
        self.gateway = service.gateway
        self.queues = Queues(session.client("sqs"), service.stack)
        self._client = RefundClient(service.stack)
        self._functions = session.client("lambda")
        self._processor = service.stack.functions["processor"].name
        self._plan = plan
        self._on_progress = on_progress

    def run(self) -> Observed:
        """Send the plan's load and watch the queues until they are empty."""
        plan, began = self._plan, time.monotonic()
        samples: list[Sample] = []
        turned: list[float] = []

        def turn(act: Callable[[], None], word: str) -> None:
            self._on_progress(f"the payment gateway {word}")
            act()
            turned.append(time.monotonic() - began)

        begins_s, ends_s = plan.outage
        events: dict[float, Callable[[], None]] = {
            begins_s: lambda: turn(lambda: self.gateway.set_mode("hang"), "hangs"),
            ends_s: lambda: turn(self.answer_slowly, "answers again"),
        }
        with _repeated(lambda: samples.append(self._sample(began))):
            accepted = self.send(lambda: time.monotonic() < began + plan.load_s, events)
            self._on_progress("all sent: waiting until the queue is empty")
            self.await_empty()
        samples.append(self._sample(began))
        times = tuple(sorted(at - began for at in accepted))
        return Observed(times, (turned[0], turned[1]), tuple(samples))

    def send(
        self,
        goes_on: Callable[[], bool],
        events: dict[float, Callable[[], None]] | None = None,
    ) -> list[float]:
        """Send as the seed says; return when each refund was accepted.

        Events happen on the way, each at its time in seconds.
        """
        plan, began, answers = self._plan, time.monotonic(), []
        rate = steady(plan.rate_per_s)
        counts = arrivals(rate, plan.seed, _MOST_STEPS, _STEP_S)
        due = sorted((events or {}).items(), reverse=True)
        with ThreadPoolExecutor(_CLIENTS) as pool:
            for step, count in enumerate(counts):
                # The pace of the load: each step has its time.
                time.sleep(max(0.0, began + step * _STEP_S - time.monotonic()))
                if not goes_on():
                    break
                while due and step * _STEP_S >= due[-1][0]:
                    due.pop()[1]()
                answers += [pool.submit(self._post) for _ in range(count)]
        return [at for answer in answers if (at := answer.result()) is not None]

    @contextmanager
    def piled_up(self, count: int) -> Iterator[None]:
        """Let refunds wait in the queue until the block ends."""
        with paused(self._functions, self._processor):
            with ThreadPoolExecutor(_CLIENTS) as pool:
                list(pool.map(lambda _: self._post(), range(count)))
            yield

    def answer_slowly(self) -> None:
        """Let the payment gateway take the plan's time for each call."""
        self.gateway.set_mode("slow", delay_s=self._plan.gateway_s)

    def await_empty(self) -> None:
        """Return once nothing waits in the queue."""
        wait_until(
            self.queues.depth,
            lambda left: left == 0,
            what="the queue to be empty",
            timeout_s=self._plan.drain_timeout_s,
        )

    def _post(self) -> float | None:
        try:
            answer = self._client.post(f"SCALE-{uuid4()}", "49.90")
        except requests.RequestException:
            return None
        accepted = answer.status_code == HTTPStatus.ACCEPTED
        return time.monotonic() if accepted else None

    def _sample(self, began: float) -> Sample:
        backlog, dead = self.queues.depth(), self.queues.dlq_depth()
        return Sample(time.monotonic() - began, backlog, dead)


@contextmanager
def _repeated(action: Callable[[], None]) -> Iterator[None]:
    """Repeat an action in the background until the block ends."""
    over = Event()

    def repeat() -> None:
        while not over.wait(_SAMPLE_EVERY_S):
            action()

    thread = Thread(target=repeat, name="sampler")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


_BATCHES = 8


def calibrate(load: LocalLoad, batch_size: int) -> Calibration:
    """Work off a pile of each kind; takes about half a minute."""
    return Calibration(_decided_s(load, batch_size), _refused_s(load, batch_size))


def between(one: Calibration, other: Calibration) -> Calibration:
    """Return the mean: a machine's other work comes and goes."""
    return Calibration(
        mean((one.decided_s, other.decided_s)), mean((one.refused_s, other.refused_s))
    )


def warm_up(load: LocalLoad, batch_size: int) -> None:
    """Start the processes of both functions."""
    load.answer_slowly()
    with load.piled_up(2 * batch_size):
        pass
    load.await_empty()


def _decided_s(load: LocalLoad, batch_size: int) -> float:
    """Work the pile off while refunds keep coming at the plan's rate."""
    pile = batch_size * _BATCHES
    with load.piled_up(pile):
        load.answer_slowly()
    _await("the first batch to end", lambda: load.queues.depth() < pile)
    began, left = time.monotonic(), load.queues.depth()
    accepted = load.send(lambda: load.queues.depth() > left / 3)
    took_s = time.monotonic() - began
    worked_off = left + len(accepted) - load.queues.depth()
    load.await_empty()
    return took_s * batch_size / worked_off


def _refused_s(load: LocalLoad, batch_size: int) -> float:
    """Count the calls that are refused; afterwards all refunds are decided."""
    before = _calls(load)
    with load.piled_up(batch_size * _BATCHES):
        load.gateway.set_mode("fail")
    _await("the first batch", lambda: _calls(load) >= before + batch_size)
    began, last = time.monotonic(), before + batch_size * (_BATCHES - 1)
    _await("the last batch but one", lambda: _calls(load) >= last)
    took_s = time.monotonic() - began
    load.answer_slowly()
    load.await_empty()
    return took_s / (_BATCHES - 2)


def _calls(load: LocalLoad) -> int:
    return sum(charge.attempts for charge in load.gateway.charges())


def _await(what: str, seen: Callable[[], bool]) -> None:
    wait_until(seen, bool, what=what, timeout_s=60, poll_s=0.01)
