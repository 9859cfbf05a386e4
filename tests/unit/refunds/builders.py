"""Builders of what the tests start from: only what matters to a test is spelled out."""

import base64
import json
import time
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import uuid4

from refunds.domain.model import Refund, RefundRequest, Status, now

API_KEY = "s3cret-api-key-value"


@dataclass(frozen=True, slots=True)
class AContext:
    """A Lambda context whose time runs out like the real one's."""

    aws_request_id: str = field(default_factory=lambda: str(uuid4()))
    timeout_s: float = 30.0
    started_s: float = field(default_factory=time.monotonic)

    def get_remaining_time_in_millis(self) -> int:
        """Return what is left of the timeout."""
        left_s = self.timeout_s - (time.monotonic() - self.started_s)
        return max(0, int(left_s * 1000))


def an_order_id(prefix: str = "order") -> str:
    """Return an order id that no other test uses."""
    return f"{prefix}-{uuid4()}"


def a_body(**changes: object) -> dict[str, object]:
    """Return a valid body of POST /refunds; a change to None leaves a field out."""
    body = {"orderId": an_order_id(), "amount": 49.9, "reason": "damaged"}
    body.update(changes)
    return {name: value for name, value in body.items() if value is not None}


def an_api_event(
    body: object = None,
    *,
    headers: dict[str, str] | None = None,
    api_key_id: str = "key-1",
    as_base64: bool = False,
    **fields: object,
) -> dict[str, object]:
    """Return API Gateway's event for a request; a body that is text is sent as is."""
    text = body if isinstance(body, str) else json.dumps(body)
    if as_base64:
        text = base64.b64encode(text.encode()).decode()
    return {
        "httpMethod": "POST",
        "path": "/refunds",
        "headers": {
            "Content-Type": "application/json",
            "x-api-key": API_KEY,
            **(headers or {}),
        },
        "pathParameters": None,
        "queryStringParameters": None,
        "requestContext": {
            "path": "/test/refunds",
            "requestId": f"request-{uuid4()}",
            "identity": {"apiKey": API_KEY, "apiKeyId": api_key_id},
        },
        "body": None if body is None else text,
        "isBase64Encoded": as_base64,
        **fields,
    }


def a_refund(
    amount: str = "49.90",
    *,
    order_id: str | None = None,
    status: Status = Status.PENDING,
    created_at: datetime | None = None,
    updated_at: datetime | None = None,
) -> Refund:
    """Return a refund of an order of its own."""
    refund_id = str(uuid4())
    created_at = created_at or now()
    return Refund(
        refund_id,
        RefundRequest(order_id or an_order_id(), Decimal(amount), "damaged"),
        f"correlation-{refund_id[:8]}",
        created_at,
        updated_at or created_at,
        status,
        decision_limit=Decimal(1000),
    )


def a_late_refund(
    hours: float = 2, *, order_id: str | None = None, made_with_key: bool = True
) -> Refund:
    """Return a refund that has been PENDING for some hours."""
    created_at = now() - timedelta(hours=hours)
    refund = a_refund(order_id=order_id, created_at=created_at)
    return replace(refund, made_with_key=made_with_key)


def a_record(refund: Refund, **changes: object) -> dict[str, object]:
    """Return one record of an SQS event, as the Receiver's message arrives."""
    return {
        "messageId": f"message-{uuid4()}",
        "body": json.dumps({"version": 1, "refundId": refund.refund_id}),
        "messageAttributes": {
            "correlationId": {
                "stringValue": refund.correlation_id,
                "dataType": "String",
            }
        },
        "attributes": {"ApproximateReceiveCount": "1"},
        **changes,
    }


def an_sqs_batch(
    *refunds: Refund, receive_count: int = 1
) -> dict[str, list[dict[str, object]]]:
    """Return the event that brings one message per refund."""
    attributes = {"ApproximateReceiveCount": str(receive_count)}
    return {"Records": [a_record(refund, attributes=attributes) for refund in refunds]}
