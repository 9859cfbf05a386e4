"""The same job as the field writes it: Powertools, pydantic, boto3's resource.

One record after the other, one table call for each read and each write: what the
documentation of each library shows first. What a client or the table sees of it is the
same as with `src/refunds`, byte for byte; tests/performance/check.py asks for that.
"""

import json
import os
import re
from datetime import UTC, datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Annotated, Any
from uuid import NAMESPACE_URL, uuid4, uuid5

import boto3
import urllib3
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.openapi.exceptions import (
    RequestValidationError,
)
from aws_lambda_powertools.event_handler.openapi.params import Body
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from botocore.exceptions import ClientError
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.functional_validators import AfterValidator

logger = Logger()
tracer = Tracer()
metrics = Metrics()
metrics.set_default_dimensions(stage=os.environ["STAGE"])
app = APIGatewayRestResolver(enable_validation=True)
processor = BatchProcessor(event_type=EventType.SQS)
table = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])
sqs = boto3.client("sqs")
http = urllib3.PoolManager(retries=False)
LIMIT = Decimal(os.environ.get("DECISION_LIMIT", "1000"))
MESSAGES = {
    "orderId": "must be 1-64 characters of A-Z a-z 0-9 . _ -",
    "reason": "must be 1-500 characters of text, not blank",
}


def _number(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("must be a JSON number")
    return Decimal(str(value))


def _amount(value: Decimal) -> Decimal:
    if not 0 < value <= Decimal("9999999.99"):
        raise ValueError("must be above 0 and at most 9999999.99")
    if value != value.quantize(Decimal("0.01")):
        raise ValueError("must have at most 2 decimals")
    return value.quantize(Decimal("0.01"))


def _not_blank(value: str) -> str:
    if not value.strip():
        raise ValueError("blank")
    return value


class RefundBody(BaseModel):
    """The body of POST /refunds."""

    model_config = ConfigDict(extra="forbid")
    order_id: str = Field(alias="orderId", pattern=r"^[A-Za-z0-9._-]{1,64}$")
    amount: Annotated[Decimal, BeforeValidator(_number), AfterValidator(_amount)]
    reason: Annotated[str, Field(max_length=500), AfterValidator(_not_blank)]


class Message(BaseModel):
    """The body of a message."""

    version: int
    refund_id: str = Field(alias="refundId")


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
    api_key_id = app.current_event.request_context.identity.api_key_id
    refund_id = str(uuid5(NAMESPACE_URL, f"{api_key_id}\n{key}") if key else uuid4())
    logger.append_keys(refundId=refund_id, correlation_id=_correlation_id())
    if not _store(refund_id, body):
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


def _store(refund_id: str, body: RefundBody) -> bool:
    """Store the refund; False: the id belongs to another request."""
    at = _now()
    item = {
        "PK": f"REFUND#{refund_id}",
        "SK": "REFUND",
        "GSI1PK": f"ORDER#{body.order_id}",
        "GSI1SK": f"{at}#{refund_id}",
        "refundId": refund_id,
        "orderId": body.order_id,
        "amount": body.amount,
        "reason": body.reason,
        "status": "PENDING",
        "createdAt": at,
        "updatedAt": at,
        "correlationId": _correlation_id(),
    }
    try:
        table.put_item(
            Item=item,
            ConditionExpression="attribute_not_exists(PK)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        stored: Any = error.response
        return all(
            next(iter(stored["Item"][name].values())) == str(item[name])
            for name in ("orderId", "amount", "reason")
        )
    return True


@app.get("/refunds/<refund_id>")
@tracer.capture_method
def read_refund(refund_id: str) -> Response[str]:
    """Show one refund."""
    answer = table.get_item(Key=_key(refund_id), ConsistentRead=True)
    item: dict[str, Any] | None = answer.get("Item")
    if item is None:
        return _problem(HTTPStatus.NOT_FOUND, "There is no such refund.")
    amount = item["amount"]
    shown = ("refundId", "orderId", "amount", "reason", "status")
    item["amount"] = int(amount) if amount == int(amount) else float(amount)
    names = (*shown, "createdAt", "updatedAt", "decisionReason")
    logger.info("refund read", refundId=refund_id, correlation_id=_correlation_id())
    return _answer(HTTPStatus.OK, {name: item[name] for name in names if name in item})


@tracer.capture_method
def decide(record: Any) -> None:
    """Decide one refund; any exception delivers its message again."""
    message = Message.model_validate_json(record.body)
    item: Any = table.get_item(Key=_key(message.refund_id), ConsistentRead=True)["Item"]
    logger.append_keys(refundId=message.refund_id, correlation_id=item["correlationId"])
    if item["status"] != "PENDING":
        logger.info("refund was decided before", status=item["status"])
        return
    values = {":pending": "PENDING", ":at": _now()}
    update = "SET #status = :status, decisionReason = :reason, updatedAt = :at"
    if item["amount"] > LIMIT:
        values[":status"] = "REJECTED"
        values[":reason"] = f"amount is over the limit of {LIMIT:f}"
    else:
        values[":status"] = "APPROVED"
        values[":reason"] = "approved by the payment gateway"
        values[":reference"] = _pay_back(message.refund_id, item)
        update += ", gatewayReference = :reference"
    table.update_item(
        Key=_key(message.refund_id),
        UpdateExpression=update,
        ConditionExpression="#status = :pending",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues=values,
    )
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


def _key(refund_id: str) -> dict[str, str]:
    return {"PK": f"REFUND#{refund_id}", "SK": "REFUND"}


def _now() -> str:
    text = datetime.now(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler
@metrics.log_metrics
def handle_api(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer POST /refunds and GET /refunds/{refundId}."""
    return app.resolve(event, context)


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler
@metrics.log_metrics
def handle_queue(event: dict[str, Any], context: Any) -> Any:
    """Decide every refund of the batch."""
    return process_partial_response(
        event=event, record_handler=decide, processor=processor, context=context
    )
