"""When the payment gateway may be told to pay: pure rules, no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, Inexact, localcontext
from enum import Enum, auto
from typing import TYPE_CHECKING

from refunds.domain.model import Decision, Status

if TYPE_CHECKING:
    from datetime import datetime

    from refunds.domain.model import RefundRequest

# Of the retention: for clocks that differ, calls that are slow, environments that are
# frozen between the rule and the call.
_MARGIN = 0.1

# For so long the gateway's "never seen" is right, by its contract: as long as SQS keeps
# a message. A refund that was sent again can have a message that is younger.
LOOK_UP_IS_RIGHT = timedelta(days=14)

_SMOKE_PREFIX = "SMOKE-"


class FirstStep(Enum):
    """What to do first with a refund that is to be paid."""

    PAY = auto()
    ASK = auto()  # what the gateway knows; pay only where it knows nothing
    WAIT_FOR_A_PERSON = auto()


@dataclass(frozen=True, slots=True)
class PaymentRule:
    """When a payment may be ordered without a look at what the gateway knows.

    `key_retention`: how long the gateway remembers an Idempotency-Key at least, from
    its first use. `can_ask`: whether it can be asked about a refund.
    """

    key_retention: timedelta
    can_ask: bool

    def first_step(
        self, created_at: datetime, receive_count: int | None, at: datetime
    ) -> FirstStep:
        """Return what to do first; None is a delivery that was not counted.

        A receive count of 1 is no proof of a first attempt: a redrive starts to count
        anew, and a client that repeats its request causes a second message. The age is
        proof: no key is used before its refund is there, so the key of a young refund
        is unused or still remembered. With an old one only the gateway can tell.

        A young refund that comes again is asked about as well: a gateway may replay an
        error that it has saved for the key, although it has paid.
        """
        margin = self.key_retention * _MARGIN
        age = at - created_at
        key_is_safe = -margin <= age < self.key_retention - margin
        if key_is_safe and (receive_count == 1 or not self.can_ask):
            return FirstStep.PAY
        if self.can_ask and (key_is_safe or age <= LOOK_UP_IS_RIGHT):
            return FirstStep.ASK
        return FirstStep.WAIT_FOR_A_PERSON


@dataclass(frozen=True, slots=True)
class Currency:
    """The currency of a stack's amounts: ISO 4217 code and number of decimals."""

    code: str
    decimals: int

    def text(self, amount: Decimal) -> str:
        """Write an amount with the currency's decimals: 10.50, or 10 of a JPY.

        Raises:
            decimal.Inexact: the currency has no such amount; nothing is rounded.
        """
        with localcontext() as context:
            context.traps[Inexact] = True
            return f"{amount.quantize(Decimal(1).scaleb(-self.decimals)):f}"


def reject_smoke_test(request: RefundRequest) -> Decision | None:
    """Reject a smoke test's refund, which must never reach the gateway."""
    if not request.order_id.startswith(_SMOKE_PREFIX):
        return None
    return Decision(Status.REJECTED, "a smoke test's refund is never paid")
