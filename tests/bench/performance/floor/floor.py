"""The least that the job takes: SigV4 by hand, http.client, no SDK, no framework.

Not for use: no retries, no errors but the expected ones. It shows how much
of a function's time is Python, TLS and the network themselves.
"""

import http.client
import json
import os
import re
import time
from decimal import Decimal
from uuid import NAMESPACE_URL, uuid4, uuid5

from aws import (
    LIMIT,
    SQS,
    TABLE,
    call,
    connect,
    dynamodb,
    key_of,
    now,
    statement,
    store,
)

ORDER_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
GATEWAYS = [
    connect(os.environ["GATEWAY_URL"]) for _ in range(10) if "GATEWAY_URL" in os.environ
]


def handle_post(event, context):
    """Answer POST /refunds."""
    headers = {name.lower(): value for name, value in event["headers"].items()}
    at = event["requestContext"]
    correlation_id = headers.get("x-correlation-id") or at["requestId"]
    fields, errors = validate(event["body"])
    if errors:
        log("refund refused", context, errors=len(errors))
        detail = "The request is not a valid refund; errors names every bad field."
        named = [{"field": field, "message": message} for field, message in errors]
        return problem(400, detail, correlation_id, errors=named)
    key = headers.get("idempotency-key")
    seed = f"{fields['orderId']}\n{key}"
    refund_id = str(uuid5(NAMESPACE_URL, seed) if key else uuid4())
    if not store(refund_id, fields, correlation_id, made_with_key=bool(key)):
        detail = "This Idempotency-Key was already used for a different request."
        return problem(422, detail, correlation_id)
    send(refund_id, correlation_id)
    count(RefundAccepted=1)
    log("refund accepted", context, refundId=refund_id, correlation_id=correlation_id)
    body = {"refundId": refund_id, "status": "PENDING"}
    return answer(202, body, correlation_id, Location=f"{at['path']}/{refund_id}")


def validate(body):
    try:
        fields = json.loads(body, parse_float=Decimal, parse_int=Decimal)
    except ValueError:
        return None, [("body", "must be valid JSON")]
    known = ("orderId", "amount", "reason")
    errors = [(name, "is not a known field") for name in fields if name not in known]
    order_id, amount, reason = (fields.get(name) for name in known)
    if not isinstance(order_id, str) or not ORDER_ID.fullmatch(order_id):
        errors.append(("orderId", "must be 1-64 characters of A-Z a-z 0-9 . _ -"))
    if not isinstance(amount, Decimal):
        errors.append(("amount", "must be a JSON number"))
    elif not 0 < amount <= Decimal("9999999.99"):
        errors.append(("amount", "must be above 0 and at most 9999999.99"))
    elif amount != (cents := amount.quantize(Decimal("0.01"))):
        errors.append(("amount", "must have at most 2 decimals"))
    else:
        fields["amount"] = cents
    if not isinstance(reason, str) or not reason.strip() or len(reason) > 500:
        errors.append(("reason", "must be 1-500 characters of text, not blank"))
    return fields, errors


def send(refund_id, correlation_id):
    trace = {"DataType": "String", "StringValue": os.environ["_X_AMZN_TRACE_ID"]}
    correlation = {"DataType": "String", "StringValue": correlation_id}
    message = {
        "QueueUrl": os.environ["QUEUE_URL"],
        "MessageBody": json.dumps({"version": 1, "refundId": refund_id}),
        "MessageAttributes": {"correlationId": correlation},
        "MessageSystemAttributes": {"AWSTraceHeader": trace},
    }
    status, _ = call(SQS, "sqs", "AmazonSQS.SendMessage", message)
    assert status == 200


def handle_get(event, context):
    """Answer GET /refunds/{refundId}."""
    correlation_id = event["requestContext"]["requestId"]
    refund_id = event["pathParameters"]["refundId"]
    request = {"TableName": TABLE, "Key": key_of(refund_id), "ConsistentRead": True}
    _, said = dynamodb("GetItem", request)
    if "Item" not in said:
        return problem(404, "There is no such refund.", correlation_id)
    item = {name: next(iter(value.values())) for name, value in said["Item"].items()}
    shown = ("refundId", "orderId", "amount", "currency", "reason", "status")
    names = (*shown, "createdAt", "updatedAt", "decisionReason")
    item["currency"] = "EUR"
    amount = Decimal(item["amount"])
    item["amount"] = int(amount) if amount == int(amount) else float(amount)
    log("refund read", context, refundId=refund_id, correlation_id=correlation_id)
    body = {name: item[name] for name in names if name in item}
    return answer(200, body, correlation_id)


def handle_queue(event, context):
    """Decide every refund of the batch: one read, all charges at once, one write."""
    ids = [json.loads(record["body"])["refundId"] for record in event["Records"]]
    wanted = {"Keys": [key_of(one) for one in ids], "ConsistentRead": True}
    _, said = dynamodb("BatchGetItem", {"RequestItems": {TABLE: wanted}})
    found = {item["refundId"]["S"]: item for item in said["Responses"][TABLE]}
    asked = [one for one in ids if Decimal(found[one]["amount"]["N"]) <= LIMIT]
    for gateway, refund_id in zip(GATEWAYS, asked, strict=False):
        ask(gateway, refund_id, found[refund_id])
    references = {
        refund_id: json.loads(gateway.getresponse().read())["reference"]
        for gateway, refund_id in zip(GATEWAYS, asked, strict=False)
    }
    statements = [statement(one, references.get(one)) for one in ids]
    _, said = dynamodb("BatchExecuteStatement", {"Statements": statements})
    assert not any("Error" in one for one in said["Responses"])
    for refund_id in ids:
        log("refund decided", context, refundId=refund_id)
    count(RefundApproved=len(asked), RefundRejected=len(ids) - len(asked))
    return {"batchItemFailures": []}


def ask(gateway, refund_id, item):
    order = {
        "refundId": refund_id,
        "orderId": item["orderId"]["S"],
        "amount": f"{Decimal(item['amount']['N']):.2f}",
        "currency": "EUR",
        "reason": item["reason"]["S"],
    }
    headers = {"Content-Type": "application/json", "Idempotency-Key": refund_id}
    gateway.request("POST", "/refunds", json.dumps(order), headers)


def answer(status, body, correlation_id, **headers):
    kind = "problem+json" if status >= 400 else "json"
    given = {"Content-Type": f"application/{kind}", "X-Correlation-Id": correlation_id}
    text = json.dumps(body, separators=(",", ":"))
    return {"statusCode": status, "headers": given | headers, "body": text}


def problem(status, detail, correlation_id, **more):
    body = {
        "type": "about:blank",
        "title": http.client.responses[status].replace("Entity", "Content"),
        "status": status,
        "detail": detail,
        "correlationId": correlation_id,
    }
    return answer(status, body | more, correlation_id)


def log(message, context, **keys):
    line = {"level": "INFO", "message": message, "timestamp": now(), "service": "bench"}
    print(json.dumps(line | {"function_request_id": context.aws_request_id} | keys))


def count(**values):
    names = [{"Name": name, "Unit": "Count"} for name in values]
    metrics = {"Namespace": "Bench", "Dimensions": [["service"]], "Metrics": names}
    stamp = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [metrics]}
    print(json.dumps({"_aws": stamp, "service": "bench"} | values))
