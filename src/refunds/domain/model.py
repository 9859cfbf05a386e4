"""What a refund is, how it is decided, and what can go wrong with one."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from decimal import Decimal

_REFUND_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ORDER_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Status(StrEnum):
    """PENDING becomes APPROVED or REJECTED; nothing leaves those two."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"


@dataclass(frozen=True, slots=True)
class Decision:
    """The final outcome of a refund, with a reason for people to read."""

    status: Status
    reason: str
    gateway_reference: str | None = None


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """What the client asks for; equal requests have equal amounts by value."""

    order_id: str
    amount: Decimal
    reason: str


class Submission(NamedTuple):
    """A valid POST /refunds."""

    request: RefundRequest
    idempotency_key: str | None


@dataclass(frozen=True, slots=True)
class Refund:
    """One refund as the table holds it; times are UTC, to the millisecond.

    Its limit is the one that was in force when it was accepted; refunds of releases
    that stored none have none. Only one made with an Idempotency-Key may be sent again
    by people: of another one the client has asked anew after a failure.
    """

    refund_id: str
    request: RefundRequest
    correlation_id: str
    created_at: datetime
    updated_at: datetime
    status: Status = Status.PENDING
    decision_reason: str | None = None
    gateway_reference: str | None = None
    made_with_key: bool = False
    decision_limit: Decimal | None = None

    def decided(self, decision: Decision, at: datetime) -> Refund:
        """Return this refund with its decision."""
        return replace(
            self,
            status=decision.status,
            decision_reason=decision.reason,
            gateway_reference=decision.gateway_reference,
            updated_at=at,
        )


# Refund ids -> each refund, or the error that stands in its place.
type Results = dict[str, Refund | Exception]


class ListPosition(NamedTuple):
    """A refund's place in the list of its order, which is by time."""

    created_at: str
    refund_id: str


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing that is wrong with a request, by the name the client knows."""

    field: str
    message: str


class RefundError(Exception):
    """Base of every error that this service tells apart."""


class InvalidRequestError(RefundError):
    """The client's request is wrong; `errors` names every bad field."""

    def __init__(self, *errors: FieldError) -> None:
        super().__init__(f"{len(errors)} invalid fields")
        self.errors = errors


class IdempotencyConflictError(RefundError):
    """The Idempotency-Key was already used for a different request."""


class RefundNotFoundError(RefundError):
    """The table holds no such refund."""

    def __init__(self) -> None:
        super().__init__("there is no such refund")


class MalformedMessageError(RefundError):
    """A queue message is not one that the Receiver sends."""


class UnavailableError(RefundError):
    """The table or the queue can't be used now; trying again is safe."""

    def __init__(self, resource: str, code: str) -> None:
        super().__init__(f"the {resource} is unavailable: {code}")
        self.code = code


class GatewayFailureError(RefundError):
    """The gateway gave no usable answer; trying again is needed."""


class GatewayOutError(GatewayFailureError):
    """The gateway is out: any other refund would have failed as well."""


class PaymentPendingError(RefundError):
    """The gateway has the order and is not done: it has to be asked again."""


class NeedsPersonError(RefundError):
    """Only a person can find out whether the refund was paid already."""


class OutOfTimeError(RefundError):
    """Too little of the invocation is left to call the gateway."""


class AlreadyDecidedError(RefundError):
    """Another delivery decided the refund first; `refund` is what is stored."""

    def __init__(self, refund: Refund) -> None:
        super().__init__(f"already {refund.status}")
        self.refund = refund


def is_refund_id(text: str) -> bool:
    """Tell whether the text has the form of the ids that are given out."""
    return _REFUND_ID.fullmatch(text) is not None


def is_order_id(text: str) -> bool:
    """Tell whether the text is 1-64 characters of A-Z a-z 0-9 . _ -."""
    return _ORDER_ID.fullmatch(text) is not None


def now() -> datetime:
    """Return the time in UTC, cut to the milliseconds that are stored."""
    time = datetime.now(UTC)
    return time.replace(microsecond=time.microsecond // 1000 * 1000)


def iso(time: datetime) -> str:
    """Write a UTC time as the table and the API show it: 2025-01-31T09:30:00.123Z."""
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
