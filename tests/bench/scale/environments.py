"""The Processors' execution environments, each with circuit breakers of its own.

The breakers are the service's, with the simulation's clock. Which refunds are looked up
first is not simulated: both breakers let calls through. All environments that may run
at once are there from the beginning, and take the batches in turn: each has to find out
for itself that the gateway is out, so the calls are rather too many than too few.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from bench.scale.durations import PaymentGatewayModel
from refunds.domain.circuit import CircuitBreaker


class Group(NamedTuple):
    """Batches that fare alike, and the calls of the gateway that open breakers let."""

    messages: int = 0
    batches: int = 0
    calls: int = 0

    def with_batch(self, messages: int, calls: int = 0) -> "Group":
        """Return the group with one more batch."""
        return Group(self.messages + messages, self.batches + 1, self.calls + calls)


class Begun(NamedTuple):
    """What becomes of the batches of a step.

    The gateway answers those that are ``answered`` and fails those that ``failed``; it
    is not called for those that are ``held``.
    """

    answered: Group = Group()
    failed: Group = Group()
    held: Group = Group()


@dataclass(slots=True)
class Environments:
    """So many environments, of which each remembers how its calls ended."""

    gateway: PaymentGatewayModel
    count: int
    pause_s: float
    _now_s: float = 0
    _next: int = 0
    _breakers: list[tuple[CircuitBreaker, CircuitBreaker]] = field(default_factory=list)
    _open: set[int] = field(default_factory=set)

    @property
    def open_share(self) -> float:
        """The share of environments that leave the gateway alone."""
        return len(self._open) / self.count if self.pause_s else 0

    def begin(self, messages: int, batches: int, now_s: float) -> Begun:
        """Share a step's batches out, and let the breakers learn."""
        if not (self._open or self.gateway.is_out(now_s)):
            return Begun(answered=Group(messages, batches))
        self._now_s = now_s
        if not self._breakers:
            self._breakers = [
                (self._breaker(), self._breaker()) for _ in range(self.count)
            ]
        begun = Begun()
        for batch in range(batches):
            size = messages * (batch + 1) // batches - messages * batch // batches
            begun = self._with_batch(begun, size)
        return begun

    def _breaker(self) -> CircuitBreaker:
        return CircuitBreaker(self.pause_s, lambda: self._now_s)

    def _with_batch(self, begun: Begun, size: int) -> Begun:
        place = self._next % self.count
        self._next += 1
        let = list[CircuitBreaker]()
        for breaker in self._breakers[place]:
            while len(let) < size and breaker.lets_call():
                let.append(breaker)
        if not let:
            return begun._replace(held=begun.held.with_batch(size))
        if self.gateway.is_out(self._now_s):
            for breaker in let:
                breaker.failed("out")
            self._open.add(place)
            return begun._replace(failed=begun.failed.with_batch(size, len(let)))
        for breaker in let:
            breaker.answered()
        self._open.discard(place)
        # The others of a batch that tries whether the gateway is back are held.
        held = Group(begun.held.messages + size - len(let), begun.held.batches)
        return begun._replace(answered=begun.answered.with_batch(len(let)), held=held)
