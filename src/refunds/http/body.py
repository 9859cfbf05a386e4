"""From the bytes of a request to its JSON members; refuses all that is not JSON."""

from __future__ import annotations

import base64
import json
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from refunds.domain.model import FieldError, InvalidRequestError

if TYPE_CHECKING:
    from refunds.http.request import ApiRequest

# The longest valid body is a 500 character reason, every character escaped as a
# surrogate pair: 6 KB. The rest is for white space.
MAX_BODY_BYTES = 16 * 1024

# What API Gateway puts in the place of bytes that are no UTF-8.
_REPLACEMENT = "\ufffd"

type Members = tuple[tuple[str, object], ...]


def read_members(request: ApiRequest) -> Members:
    """Return the members of the body's JSON object in order, duplicates included.

    A JSON object is a tuple of pairs and a number is a Decimal, at every depth.

    Raises:
        InvalidRequestError: the body is not a JSON object, or too long.
    """
    text = _decoded(request)
    if not text.strip():
        raise _bad_body("must not be empty")
    try:
        parsed: object = json.loads(
            text,
            parse_float=_number,
            parse_int=_number,
            parse_constant=_number,
            object_pairs_hook=tuple,
        )
    except RecursionError:
        raise _bad_body("must not be nested this deeply") from None
    except ValueError:
        raise _bad_body("must be valid JSON") from None
    if not isinstance(parsed, tuple):
        raise _bad_body("must be a JSON object")
    return parsed


def _decoded(request: ApiRequest) -> str:
    try:
        body = request.body.encode()
        if request.is_base64:
            body = base64.b64decode(body, validate=True)
        text = body.decode()
    except ValueError:
        raise _bad_body("must be UTF-8 text") from None
    if _REPLACEMENT in text and not request.is_base64:
        raise _bad_body("must be UTF-8 text, and U+FFFD written as \\ufffd")
    if len(body) > MAX_BODY_BYTES:
        raise _bad_body(f"must be at most {MAX_BODY_BYTES} bytes")
    return text


def _number(text: str) -> Decimal:
    """Read a number exactly; one that no Decimal can hold is not a number."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal("NaN")


def _bad_body(message: str) -> InvalidRequestError:
    return InvalidRequestError(FieldError("body", message))
