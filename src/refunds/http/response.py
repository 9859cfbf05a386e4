"""HTTP answers, problems among them (RFC 9457)."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING

from refunds.domain.model import iso

if TYPE_CHECKING:
    from collections.abc import Iterable

    from refunds.domain.model import FieldError, Refund

type ProxyResponse = dict[str, object]

# Long enough for a throttled table to recover, short enough for a waiting client.
_RETRY_AFTER_S = 5


def json_response(
    status: HTTPStatus,
    body: dict[str, object],
    correlation_id: str,
    headers: dict[str, str] | None = None,
    content_type: str = "application/json",
) -> ProxyResponse:
    """Answer with a JSON body and the request's correlation id."""
    return {
        "statusCode": status.value,
        "headers": {
            "Content-Type": content_type,
            "X-Correlation-Id": correlation_id,
            **(headers or {}),
        },
        "body": json.dumps(body, separators=(",", ":")),
    }


def problem(
    status: HTTPStatus,
    detail: str,
    correlation_id: str,
    errors: Iterable[FieldError] = (),
    headers: dict[str, str] | None = None,
) -> ProxyResponse:
    """Answer with a problem; `errors` names every bad field."""
    body: dict[str, object] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        "correlationId": correlation_id,
    }
    named = [{"field": error.field, "message": error.message} for error in errors]
    if named:
        body["errors"] = named
    return json_response(
        status, body, correlation_id, headers, "application/problem+json"
    )


def unavailable(correlation_id: str) -> ProxyResponse:
    """Answer 503: nothing is promised, and asking again is safe."""
    return problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "Try again later, with the same Idempotency-Key if one was given.",
        correlation_id,
        headers={"Retry-After": str(_RETRY_AFTER_S)},
    )


def refund_body(refund: Refund, currency: str) -> dict[str, object]:
    """Show a refund as the API's clients know it."""
    amount = refund.request.amount
    body: dict[str, object] = {
        "refundId": refund.refund_id,
        "orderId": refund.request.order_id,
        # At most 10 digits, of which a double keeps 15: no digit is lost or invented.
        "amount": int(amount) if amount == int(amount) else float(amount),
        "currency": currency,
        "reason": refund.request.reason,
        "status": refund.status.value,
        "createdAt": iso(refund.created_at),
        "updatedAt": iso(refund.updated_at),
    }
    if refund.decision_reason is not None:
        body["decisionReason"] = refund.decision_reason
    return body
