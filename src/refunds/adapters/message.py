"""Reads SQS records as messages of the Receiver, and refuses all others."""

from __future__ import annotations

import json
from dataclasses import dataclass

from refunds.adapters.queue import VERSION
from refunds.domain.model import MalformedMessageError, is_refund_id


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery of a message."""

    message_id: str
    receipt_handle: str | None
    receive_count: int | None


@dataclass(frozen=True, slots=True)
class RefundMessage:
    """One received message; several may name the same refund."""

    delivery: Delivery
    refund_id: str
    correlation_id: str
    trace_id: str | None = None


def parse_delivery(record: dict[str, object]) -> Delivery:
    """Read how one record of an SQS event was delivered."""
    handle = record.get("receiptHandle")
    return Delivery(
        str(record["messageId"]),
        handle if isinstance(handle, str) else None,
        _count(_find(record, "attributes", "ApproximateReceiveCount")),
    )


def parse_message(record: dict[str, object]) -> RefundMessage:
    """Read one record of an SQS event; raise MalformedMessageError if it is not ours.

    A message without a correlation id is correlated by its own id.
    """
    delivery = parse_delivery(record)
    try:
        body: object = json.loads(str(record.get("body")))
    except (ValueError, RecursionError):
        raise MalformedMessageError("not JSON") from None
    if not isinstance(body, dict):
        raise MalformedMessageError("not a JSON object")
    version = body.get("version")
    if type(version) is not int or version != VERSION:
        raise MalformedMessageError(f"version is not {VERSION}")
    refund_id = body.get("refundId")
    if not isinstance(refund_id, str) or not is_refund_id(refund_id):
        raise MalformedMessageError("no refundId")
    correlation_id = _find(record, "messageAttributes", "correlationId", "stringValue")
    return RefundMessage(
        delivery,
        refund_id,
        correlation_id if isinstance(correlation_id, str) else delivery.message_id,
        _trace_id(_find(record, "attributes", "AWSTraceHeader")),
    )


def _count(value: object) -> int | None:
    """Return how often SQS has delivered the message, or None where it does not say."""
    text = value if isinstance(value, str) else ""
    return int(text) if text.isascii() and text.isdecimal() else None


def _trace_id(header: object) -> str | None:
    """Return the trace id of a header such as Root=1-5759e988;Parent=53995c3f."""
    if not isinstance(header, str):
        return None
    fields = (field.partition("=") for field in header.split(";"))
    return next((value for name, _, value in fields if name == "Root" and value), None)


def _find(record: dict[str, object], *path: str) -> object:
    value: object = record
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value
