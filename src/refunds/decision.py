"""The rules that approve or reject a refund: pure, no I/O."""

from decimal import Decimal

from refunds.model import Approval, Decision, Decline, RefundRequest, Status


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
