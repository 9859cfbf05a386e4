"""How one refund is decided: read, ask the gateway, write the outcome once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from refunds.decision import decide, reject_over_limit
from refunds.model import AlreadyDecidedError, OutOfTimeError, Status, now

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from refunds.gateway import PaymentGateway
    from refunds.model import Decision, Refund
    from refunds.store import RefundStore
    from refunds.telemetry import BoundLog

# Left for writing the outcome after the gateway's answer. Where it is not enough, the
# redelivery repairs it, so this only has to make that rare.
_WRITE_RESERVE_S = 0.5


@dataclass(frozen=True, slots=True)
class RefundProcessing:
    """Decides refunds; safe to use from several threads."""

    store: RefundStore
    gateway: PaymentGateway
    limit: Decimal

    def process(
        self, refund_id: str, remaining_s: Callable[[], float], log: BoundLog
    ) -> Refund | None:
        """Return the refund if this call decided it, None if it was decided before.

        A repeat is safe. Any error leaves the refund PENDING, for the redelivery.
        """
        refund = self.store.get(refund_id)
        if refund.status is not Status.PENDING:
            log.info("refund was decided before", status=refund.status)
            return None
        decision = self._decision(refund, remaining_s)
        try:
            decided = self.store.save_decision(refund, decision, now())
        except AlreadyDecidedError as conflict:
            _report_race(conflict.refund, decision, log)
            return None
        log.info("refund decided", status=decided.status)
        return decided

    def _decision(self, refund: Refund, remaining_s: Callable[[], float]) -> Decision:
        rejection = reject_over_limit(refund.request, self.limit)
        if rejection is not None:
            return rejection
        if remaining_s() < self.gateway.call_timeout_s + _WRITE_RESERVE_S:
            raise OutOfTimeError("too little time is left to call the gateway")
        return decide(self.gateway.pay_back(refund))


def _report_race(stored: Refund, decision: Decision, log: BoundLog) -> None:
    """Say that another delivery was faster; it matters only if it disagrees."""
    if stored.status == decision.status:
        log.info("refund was decided meanwhile", status=stored.status)
    else:
        log.failure(
            "refund was decided differently meanwhile: check it with the gateway",
            f"{stored.status} is stored, {decision.status} was lost",
        )
