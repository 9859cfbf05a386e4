"""Decides the refunds of the queue's messages."""

import json
import os
from datetime import UTC, datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Any

import urllib3
from aws_lambda_powertools.metrics import MetricUnit

import store
from model import Message
from observability import logger, metrics, tracer

http = urllib3.PoolManager(retries=False)
LIMIT = Decimal(os.environ.get("DECISION_LIMIT", "1000"))


@tracer.capture_method
def decide(record: Any) -> None:
    """Decide one refund; any exception delivers its message again."""
    message = Message.model_validate_json(record.body)
    item = store.find(message.refund_id)
    logger.append_keys(refundId=message.refund_id, correlation_id=item["correlationId"])
    if item["status"] != "PENDING":
        logger.info("refund was decided before", status=item["status"])
        return
    values = {":at": store.now()}
    update = "SET #status = :status, decisionReason = :reason, updatedAt = :at"
    if item["amount"] > LIMIT:
        values[":status"] = "REJECTED"
        values[":reason"] = f"amount is over the limit of {LIMIT:f}"
    else:
        values[":status"] = "APPROVED"
        values[":reason"] = "approved by the payment gateway"
        values[":reference"] = _pay_back(message.refund_id, item)
        update += ", gatewayReference = :reference"
    store.save(message.refund_id, f"{update} REMOVE GSI2PK, GSI2SK", values)
    approved = values[":status"] == "APPROVED"
    name = "RefundApproved" if approved else "RefundRejected"
    metrics.add_metric(name, MetricUnit.Count, 1)
    waited = datetime.now(UTC) - datetime.fromisoformat(item["createdAt"])
    metrics.add_metric(
        "TimeToDecision", MetricUnit.Milliseconds, waited.total_seconds() * 1000
    )
    logger.info("refund decided", status=values[":status"])


def _pay_back(refund_id: str, item: dict[str, Any]) -> str:
    order = {
        "refundId": refund_id,
        "orderId": item["orderId"],
        "amount": f"{item['amount']:.2f}",
        "currency": "EUR",
        "reason": item["reason"],
    }
    answer = http.request(
        "POST",
        f"{os.environ['GATEWAY_URL']}/refunds",
        body=json.dumps(order),
        headers={"Content-Type": "application/json", "Idempotency-Key": refund_id},
    )
    if answer.status != HTTPStatus.OK:
        raise RuntimeError(f"the gateway answered {answer.status}")
    return str(answer.json()["reference"])
