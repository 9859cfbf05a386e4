"""POST /refunds and GET /refunds/{refundId}."""

import json
import os
import re
from http import HTTPStatus
from typing import Annotated, Any
from uuid import NAMESPACE_URL, uuid4, uuid5

import boto3
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.openapi.exceptions import (
    RequestValidationError,
)
from aws_lambda_powertools.event_handler.openapi.params import Body
from aws_lambda_powertools.metrics import MetricUnit

import store
from model import MESSAGES, RefundBody
from observability import logger, metrics, tracer

app = APIGatewayRestResolver(enable_validation=True)
sqs = boto3.client("sqs")


@app.exception_handler(RequestValidationError)
def invalid(error: RequestValidationError) -> Response[str]:
    """Name every bad field, in the order of the contract."""
    found = {}
    for one in error.errors():
        field = next((str(part) for part in one["loc"][1:] if part), "body")
        unknown = one["type"] == "extra_forbidden"
        said = "must be a JSON number" if one["type"] == "missing" else one["msg"]
        message = "is not a known field" if unknown else MESSAGES.get(field, said)
        if one["type"] == "json_invalid":
            field, message = "body", "must be valid JSON"
        found[field] = (not unknown, message.removeprefix("Value error, "))
    errors = [
        {"field": field, "message": message}
        for field, (_, message) in sorted(found.items(), key=lambda item: item[1][0])
    ]
    logger.info("refund refused: invalid request", errors=len(errors))
    detail = "The request is not a valid refund; errors names every bad field."
    return _problem(HTTPStatus.BAD_REQUEST, detail, errors=errors)


@app.post("/refunds")
@tracer.capture_method
def create_refund(body: Annotated[RefundBody, Body()]) -> Response[str]:
    """Store the refund, then queue it."""
    key = app.current_event.headers.get("Idempotency-Key")
    name = f"{body.order_id}\n{key}"
    refund_id = str(uuid5(NAMESPACE_URL, name) if key else uuid4())
    logger.append_keys(refundId=refund_id, correlation_id=_correlation_id())
    at = _correlation_id()
    if not store.add(refund_id, body, at, made_with_key=bool(key)):
        detail = "This Idempotency-Key was already used for a different request."
        return _problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail)
    message: dict[str, Any] = {
        "QueueUrl": os.environ["QUEUE_URL"],
        "MessageBody": json.dumps({"version": 1, "refundId": refund_id}),
        "MessageAttributes": {
            "correlationId": {"DataType": "String", "StringValue": _correlation_id()}
        },
    }
    if trace := os.environ.get("_X_AMZN_TRACE_ID"):
        header = {"DataType": "String", "StringValue": trace}
        message["MessageSystemAttributes"] = {"AWSTraceHeader": header}
    sqs.send_message(**message)
    metrics.add_metric("RefundAccepted", MetricUnit.Count, 1)
    logger.info("refund accepted", queued=True)
    path = app.current_event.request_context.path
    return _answer(
        HTTPStatus.ACCEPTED,
        {"refundId": refund_id, "status": "PENDING"},
        Location=f"{path}/{refund_id}",
    )


@app.get("/refunds/<refund_id>")
@tracer.capture_method
def read_refund(refund_id: str) -> Response[str]:
    """Show one refund."""
    item = store.find(refund_id)
    if item is None:
        return _problem(HTTPStatus.NOT_FOUND, "There is no such refund.")
    amount = item["amount"]
    shown = ("refundId", "orderId", "amount", "currency", "reason", "status")
    item["currency"] = "EUR"
    item["amount"] = int(amount) if amount == int(amount) else float(amount)
    names = (*shown, "createdAt", "updatedAt", "decisionReason")
    logger.info("refund read", refundId=refund_id, correlation_id=_correlation_id())
    return _answer(HTTPStatus.OK, {name: item[name] for name in names if name in item})


def _answer(status: HTTPStatus, body: dict[str, Any], **headers: str) -> Response[str]:
    kind = "problem+json" if status >= HTTPStatus.BAD_REQUEST else "json"
    return Response(
        status_code=status.value,
        content_type=f"application/{kind}",
        headers={"X-Correlation-Id": _correlation_id(), **headers},
        body=json.dumps(body, separators=(",", ":")),
    )


def _problem(status: HTTPStatus, detail: str, **more: object) -> Response[str]:
    body = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        "correlationId": _correlation_id(),
        **more,
    }
    return _answer(status, body)


def _correlation_id() -> str:
    given = app.current_event.headers.get("X-Correlation-Id") or ""
    if re.fullmatch(r"[A-Za-z0-9._:-]{1,64}", given):
        return given
    return str(app.current_event.request_context.request_id)
