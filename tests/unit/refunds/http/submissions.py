"""Requests as the Receiver validates them."""

import pytest

from refunds.domain.model import InvalidRequestError, Submission
from refunds.http.request import read_request
from refunds.http.validation import validate_submission
from unit.refunds.builders import an_api_event


def validate(event: dict[str, object], *, decimals: int = 2) -> Submission:
    """Return what the Receiver makes of an event, whose currency has decimals."""
    return validate_submission(read_request(event, "fallback"), decimals)


def bad_fields(
    body: object, *, headers: dict[str, str] | None = None, is_base64: bool = False
) -> list[str]:
    """Return what is named as wrong with a request that has this body."""
    event = an_api_event(body, headers=headers) | {"isBase64Encoded": is_base64}
    with pytest.raises(InvalidRequestError) as raised:
        validate(event)
    return [error.field for error in raised.value.errors]
