"""The boundary where requests become trusted objects, or a list of what is wrong."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from refunds.domain.model import (
    FieldError,
    InvalidRequestError,
    RefundRequest,
    Submission,
    is_order_id,
)
from refunds.http.body import read_members

if TYPE_CHECKING:
    from refunds.http.body import Members
    from refunds.http.request import ApiRequest

MAX_AMOUNT = Decimal("9999999.99")
MAX_REASON_CHARACTERS = 500

_FIELDS = ("orderId", "amount", "reason")
_IDEMPOTENCY_KEY = re.compile(r"[!-~]{1,255}")

ORDER_ID_RULE = "must be 1-64 characters of A-Z a-z 0-9 . _ -"


def validate_submission(request: ApiRequest, decimals: int) -> Submission:
    """Return what the client submits; raise InvalidRequestError naming every fault.

    `decimals`: how many an amount may have, by its currency.
    """
    errors = _header_errors(request.headers)
    try:
        members = read_members(request)
    except InvalidRequestError as error:
        raise InvalidRequestError(*errors, *error.errors) from None
    errors += _member_errors(members)
    fields = dict(members)
    refund_request = RefundRequest(
        _order_id(fields.get("orderId"), errors),
        _amount(fields.get("amount"), decimals, errors),
        _reason(fields.get("reason"), errors),
    )
    if errors:
        raise InvalidRequestError(*errors)
    return Submission(refund_request, request.headers.get("idempotency-key"))


def _header_errors(headers: dict[str, str]) -> list[FieldError]:
    errors = []
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        errors.append(FieldError("Content-Type", "must be application/json"))
    key = headers.get("idempotency-key")
    if key is not None and not _IDEMPOTENCY_KEY.fullmatch(key):
        errors.append(
            FieldError("Idempotency-Key", "must be 1-255 visible ASCII characters")
        )
    return errors


def _member_errors(members: Members) -> list[FieldError]:
    names = [name for name, _ in members]
    unique = dict.fromkeys(names)
    unknown = [name for name in unique if name not in _FIELDS]
    repeated = [name for name in unique if names.count(name) > 1]
    return [FieldError(name, "is not a known field") for name in unknown] + [
        FieldError(name, "must be given only once") for name in repeated
    ]


def _order_id(value: object, errors: list[FieldError]) -> str:
    if isinstance(value, str) and is_order_id(value):
        return value
    errors.append(FieldError("orderId", ORDER_ID_RULE))
    return ""


def _amount(value: object, decimals: int, errors: list[FieldError]) -> Decimal:
    least = Decimal(1).scaleb(-decimals)
    if not isinstance(value, Decimal):
        problem = "must be a JSON number"
    elif not value.is_finite() or not 0 < value <= MAX_AMOUNT:
        problem = f"must be above 0 and at most {MAX_AMOUNT}"
    elif value != value.quantize(least):
        problem = f"must have at most {decimals} decimals"
    else:
        return value.quantize(least)
    errors.append(FieldError("amount", problem))
    return Decimal(0)


def _reason(value: object, errors: list[FieldError]) -> str:
    if (
        isinstance(value, str)
        and value.strip()
        and len(value) <= MAX_REASON_CHARACTERS
        and _is_unicode(value)
    ):
        return value
    rule = f"must be 1-{MAX_REASON_CHARACTERS} characters of text, not blank"
    errors.append(FieldError("reason", rule))
    return ""


def _is_unicode(text: str) -> bool:
    """Tell whether the text can be stored: JSON can smuggle in lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
