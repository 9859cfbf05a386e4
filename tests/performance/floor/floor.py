"""The least that the job takes: SigV4 by hand, http.client, no SDK, no framework.

Nobody should run this: no retries, no errors but the expected ones. It shows how much
of a function's time is Python, TLS and the network themselves.
"""

import json
import os
import time
from decimal import Decimal
from uuid import NAMESPACE_URL, uuid4, uuid5

from aws import SQS, call, connect, dynamodb
from contract import answer, problem, validate
from table import LIMIT, TABLE, key_of, now, statement, store

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
    seed = f"{at['identity']['apiKeyId']}\n{key}"
    refund_id = str(uuid5(NAMESPACE_URL, seed) if key else uuid4())
    if not store(refund_id, fields, correlation_id):
        detail = "This Idempotency-Key was already used for a different request."
        return problem(422, detail, correlation_id)
    send(refund_id, correlation_id)
    count(RefundAccepted=1)
    log("refund accepted", context, refundId=refund_id, correlation_id=correlation_id)
    body = {"refundId": refund_id, "status": "PENDING"}
    return answer(202, body, correlation_id, Location=f"{at['path']}/{refund_id}")


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


def log(message, context, **keys):
    line = {"level": "INFO", "message": message, "timestamp": now(), "service": "bench"}
    print(json.dumps(line | {"function_request_id": context.aws_request_id} | keys))


def count(**values):
    names = [{"Name": name, "Unit": "Count"} for name in values]
    metrics = {"Namespace": "Bench", "Dimensions": [["service"]], "Metrics": names}
    stamp = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [metrics]}
    print(json.dumps({"_aws": stamp, "service": "bench"} | values))
