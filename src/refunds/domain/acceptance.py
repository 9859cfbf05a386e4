"""How a refund is accepted: stored first, then queued, then promised."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid4, uuid5

from refunds.domain.model import IdempotencyConflictError, Refund, Status, now

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from refunds.domain.model import Submission

# Made up once. Another value would give every old Idempotency-Key a new refund.
_NAMESPACE = UUID("6f3f0a52-7d0c-4d5e-9f5b-0d1f2d7f8a34")


def new_refund(
    submission: Submission, decision_limit: Decimal, correlation_id: str
) -> Refund:
    """Return the PENDING refund that the submission asks for.

    With an Idempotency-Key the id follows from it and from the order, so a repeat finds
    the first refund, also with another API key. The limit is fixed now: what a refund
    becomes must not depend on when, or by which release, it is decided.
    """
    request, key = submission
    name = f"{request.order_id}\n{key}"
    refund_id = uuid4() if key is None else uuid5(_NAMESPACE, name)
    time = now()
    return Refund(
        str(refund_id),
        request,
        correlation_id,
        time,
        time,
        made_with_key=key is not None,
        decision_limit=decision_limit,
    )


def accept(
    refund: Refund, add: Callable[[Refund], Refund], send: Callable[[Refund], None]
) -> bool:
    """Store the refund, then queue it; return whether it still had to be queued.

    `add` returns the stored refund, which a repeat may find older; `send` asks for
    the decision.

    Sent first, a message could name a refund that was never written. A repeat after a
    failed send finds the stored refund PENDING and sends again.

    Raises:
        IdempotencyConflictError: the stored refund answers another request.
        UnavailableError: nothing is promised; a repeat is safe.
    """
    stored = add(refund)
    if stored.request != refund.request:
        raise IdempotencyConflictError
    if stored.status is not Status.PENDING:
        return False
    send(stored)
    return True
