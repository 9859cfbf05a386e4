"""What became of one refund of a batch, and the log line that says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from refunds.domain.model import (
    AlreadyDecidedError,
    GatewayFailureError,
    Refund,
    RefundError,
)

if TYPE_CHECKING:
    from refunds.domain.ports import Log


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one refund; `decided` only if this batch decided it."""

    decided: Refund | None = None
    failed: bool = False
    gateway_failed: bool = False


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
    if isinstance(error, GatewayFailureError):
        log.failure("gateway failed", error)
        return Outcome(failed=True, gateway_failed=True)
    if isinstance(error, RefundError):
        log.failure("refund not decided", error)
    else:
        log.unexpected("refund not decided", error)
    return Outcome(failed=True)


def _report_race(stored: Refund, lost: Refund, log: Log) -> None:
    """Say that another delivery was faster; it matters only if it disagrees."""
    if stored.status == lost.status:
        log.info("refund was decided meanwhile", status=stored.status)
    else:
        log.failure(
            "refund was decided differently meanwhile: check it with the gateway",
            f"{stored.status} is stored, {lost.status} was lost",
        )
