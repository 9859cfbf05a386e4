"""When the payment gateway is left alone because it is out: pure rules, no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from refunds.domain.model import (
    GatewayFailureError,
    GatewayOutError,
    PaymentPendingError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from refunds.domain.decision import Approval, Decline
    from refunds.domain.model import Refund
    from refunds.domain.ports import PaymentGateway

# Of calls in a row: one stray error, or one refund that always fails among others that
# do not, is no outage.
_OPENED_BY = 5


class CircuitBreaker:
    """Knows by how the calls end whether the gateway is out; threads may share it.

    Each execution environment has its own for each kind of call: in health none asks
    another one, and while the gateway is out there are no more calls of a kind than one
    per environment and pause.

    `pause_s`: how long the gateway is not called once it is out; then one call, alone,
    finds out whether it is back. 0: it is always called. `clock`: the time in seconds.
    """

    def __init__(self, pause_s: float, clock: Callable[[], float]) -> None:
        self._pause_s = pause_s
        self._clock = clock
        self._lock = Lock()
        self._failures = 0
        self._paused_at = 0.0
        self.problem = ""

    def lets_call(self) -> bool:
        """Tell whether the gateway may be called; the caller says how that ended.

        A call of which nothing is heard again, as in an environment that is frozen,
        closes nothing: the next one may be made after a pause.
        """
        with self._lock:
            if self._failures < _OPENED_BY:
                return True
            now = self._clock()
            # A clock that was put back is no reason to wait until it has caught up.
            if 0 <= now - self._paused_at < self._pause_s:
                return False
            self._paused_at = now
            return True

    def answered(self) -> None:
        """Take note of an answer, whatever it says about the refund."""
        with self._lock:
            self._failures = 0

    def failed(self, problem: str) -> None:
        """Take note of a call that failed as any other would have."""
        with self._lock:
            self._failures += 1
            self._paused_at = self._clock()
            self.problem = problem


@dataclass(frozen=True, slots=True)
class GuardedGateway:
    """A gateway that is not called while it is out; it is a PaymentGateway itself.

    It may tell what became of refunds while it pays none, or the other way round: one
    kind of call says nothing about the other.
    """

    gateway: PaymentGateway
    asking: CircuitBreaker
    paying: CircuitBreaker

    @property
    def call_timeout_s(self) -> float:
        """How long a call may take before it counts as failed."""
        return self.gateway.call_timeout_s

    def look_up(self, refund: Refund) -> Approval | Decline | None:
        """Look the refund up, unless the gateway tells nothing."""
        return _called(self.gateway.look_up, refund, self.asking)

    def pay_back(self, refund: Refund) -> Approval | Decline:
        """Pay the refund, unless the gateway pays nothing."""
        return _called(self.gateway.pay_back, refund, self.paying)


def _called[Answer](
    call: Callable[[Refund], Answer], refund: Refund, breaker: CircuitBreaker
) -> Answer:
    if not breaker.lets_call():
        raise GatewayFailureError(f"not called, it is out: {breaker.problem}")
    try:
        answer = call(refund)
    except GatewayOutError as error:
        breaker.failed(str(error))
        raise
    except (GatewayFailureError, PaymentPendingError):
        breaker.answered()
        raise
    breaker.answered()
    return answer
