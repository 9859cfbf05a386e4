"""The rules that approve or reject a refund: pure, no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from refunds.domain.model import Decision, Status

if TYPE_CHECKING:
    from decimal import Decimal

    from refunds.domain.model import RefundRequest


@dataclass(frozen=True, slots=True)
class Approval:
    """The payment gateway says, by name, that the money goes back."""

    reference: str


@dataclass(frozen=True, slots=True)
class Decline:
    """The payment gateway refuses for good."""

    reason: str


def reject_over_limit(request: RefundRequest, limit: Decimal) -> Decision | None:
    """Reject an amount above the limit; None means the gateway has the word.

    Exactly the limit is within it.
    """
    if request.amount <= limit:
        return None
    return Decision(Status.REJECTED, f"amount is over the limit of {limit:f}")


def decide(answer: Approval | Decline) -> Decision:
    """Turn the gateway's final answer into the refund's final state."""
    match answer:
        case Approval(reference):
            return Decision(
                Status.APPROVED, "approved by the payment gateway", reference
            )
        case Decline(reason):
            return Decision(Status.REJECTED, reason)
