"""What became of one refund of a batch, and the log line that says so."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from refunds.domain.model import (
    AlreadyDecidedError,
    GatewayFailureError,
    NeedsPersonError,
    PaymentPendingError,
    Refund,
    RefundError,
    RefundNotFoundError,
)
from refunds.domain.redelivery import Prospect

if TYPE_CHECKING:
    from refunds.domain.ports import Log


class Trouble(Enum):
    """Why a refund is not decided; each is counted apart."""

    GATEWAY_FAILED = auto()
    PAYMENT_PENDING = auto()
    NEEDS_PERSON = auto()
    NOT_DECIDED = auto()  # table, secret, time or a defect: all may pass


_TROUBLES: dict[type[RefundError], tuple[Trouble, str]] = {
    GatewayFailureError: (Trouble.GATEWAY_FAILED, "gateway failed"),
    PaymentPendingError: (Trouble.PAYMENT_PENDING, "payment is pending"),
    NeedsPersonError: (Trouble.NEEDS_PERSON, "refund waits for a person"),
}
_PROSPECTS: dict[type[RefundError], Prospect] = {
    PaymentPendingError: Prospect.TAKES_LONG,
    NeedsPersonError: Prospect.NONE,
    # Stored before its message is sent, it does not come later.
    RefundNotFoundError: Prospect.NONE,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one refund; `decided` only if this batch decided it.

    One that has failed has a prospect: what its next delivery may bring.
    """

    decided: Refund | None = None
    prospect: Prospect | None = None
    trouble: Trouble | None = None


def decided_before(refund: Refund, log: Log) -> Outcome:
    """Report a late duplicate: there is nothing to do."""
    log.info("refund was decided before", status=refund.status)
    return Outcome()


def written(decided: Refund, result: Refund | Exception, log: Log) -> Outcome:
    """Report what became of a decision that was to be written."""
    if isinstance(result, Refund):
        log.info("refund decided", status=result.status)
        return Outcome(decided=result)
    if isinstance(result, AlreadyDecidedError):
        _report_race(result.refund, decided, log)
        return Outcome()
    return failure(result, log)


def failure(error: Exception, log: Log) -> Outcome:
    """Report why a refund is not decided, with the stack if it was not foreseen."""
    prospect = next(
        (found for kind, found in _PROSPECTS.items() if isinstance(error, kind)),
        Prospect.PASSES,
    )
    for kind, (trouble, message) in _TROUBLES.items():
        if isinstance(error, kind):
            log.failure(message, error)
            return Outcome(prospect=prospect, trouble=trouble)
    if isinstance(error, RefundError):
        log.failure("refund not decided", error)
    else:
        log.unexpected("refund not decided", error)
    passes = prospect is Prospect.PASSES
    return Outcome(prospect=prospect, trouble=Trouble.NOT_DECIDED if passes else None)


def _report_race(stored: Refund, lost: Refund, log: Log) -> None:
    """Say that another delivery was faster; it matters only if it disagrees."""
    if stored.status == lost.status:
        log.info("refund was decided meanwhile", status=stored.status)
    else:
        log.failure(
            "refund was decided differently meanwhile: check it with the gateway",
            f"{stored.status} is stored, {lost.status} was lost",
        )
