"""The list's limit and its opaque token, which is bound to one order."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from refunds.domain.model import (
    FieldError,
    InvalidRequestError,
    ListPosition,
    is_order_id,
    is_refund_id,
    iso,
)
from refunds.http.validation import ORDER_ID_RULE

if TYPE_CHECKING:
    from refunds.domain.model import Refund

DEFAULT_LIMIT = 25
MAX_LIMIT = 100

_LIMIT = re.compile(r"[0-9]{1,3}")
_CREATED_AT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class ListRequest:
    """A valid GET /refunds?orderId=…; `after` is where the last page ended."""

    order_id: str
    limit: int
    after: ListPosition | None


def validate_list(query: dict[str, str]) -> ListRequest:
    """Return what to list; raise InvalidRequestError naming every bad parameter."""
    errors = []
    order_id = query.get("orderId", "")
    if not is_order_id(order_id):
        errors.append(FieldError("orderId", ORDER_ID_RULE))
    limit = query.get("limit", str(DEFAULT_LIMIT))
    if not _LIMIT.fullmatch(limit) or not 1 <= int(limit) <= MAX_LIMIT:
        errors.append(FieldError("limit", f"must be a number from 1 to {MAX_LIMIT}"))
    token = query.get("nextToken")
    after = None if token is None else _decode(token, order_id)
    if token is not None and after is None:
        errors.append(
            FieldError("nextToken", "must come from the last page of this order")
        )
    if errors:
        raise InvalidRequestError(*errors)
    return ListRequest(order_id, int(limit), after)


def next_token(last: Refund) -> str:
    """Return the token of the page that follows this refund."""
    place = [last.request.order_id, iso(last.created_at), last.refund_id]
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def _decode(token: str, order_id: str) -> ListPosition | None:
    """Read a token; None when it is not one of ours for this order."""
    try:
        padded = token + "=" * (-len(token) % 4)
        place: object = json.loads(
            base64.b64decode(padded, altchars=b"-_", validate=True)
        )
    except (ValueError, RecursionError):
        return None
    match place:
        case [str(order), str(created_at), str(refund_id)] if (
            order == order_id
            and _CREATED_AT.fullmatch(created_at)
            and is_refund_id(refund_id)
        ):
            return ListPosition(created_at, refund_id)
        case _:
            return None
