"""The events that all subjects are given, and the records that they find."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

type Event = dict[str, Any]

# Sampled=0 is what most requests of a busy service carry; tracing all of them would
# cost the peer, which traces in Python, more than it costs in production.
TRACE_HEADER = "Root=1-67891233-abcdef012345678912345678;Parent=1;Sampled=0"
# Young, so that the Processor pays at once.
AT = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def a_post(body: object = None, **headers: str) -> Event:
    """Return API Gateway's event of POST /refunds, as long as a real one."""
    if body is None:
        body = {"orderId": "A-1001", "amount": 49.90, "reason": "damaged on arrival"}
    return _api_event("POST", "/refunds", headers) | {
        "body": body if isinstance(body, str) else json.dumps(body)
    }


def a_get(refund_id: str) -> Event:
    """Return API Gateway's event of GET /refunds/{refundId}."""
    event = _api_event("GET", f"/refunds/{refund_id}", {})
    return event | {"pathParameters": {"refundId": refund_id}}


def _api_event(method: str, path: str, headers: dict[str, str]) -> Event:
    all_headers = {
        "Accept": "application/json",
        "Content-Type": "application/json",
        "Host": "0123456789.execute-api.us-east-1.amazonaws.com",
        "User-Agent": "bench",
        "X-Amzn-Trace-Id": TRACE_HEADER,
        "X-Forwarded-For": "192.0.2.1",
        "X-Forwarded-Port": "443",
        "X-Forwarded-Proto": "https",
        "x-api-key": "key",
        **headers,
    }
    return {
        "resource": "/refunds",
        "path": path,
        "httpMethod": method,
        "headers": all_headers,
        "multiValueHeaders": {name: [value] for name, value in all_headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "0123456789",
            "domainName": "0123456789.execute-api.us-east-1.amazonaws.com",
            "extendedRequestId": "bench",
            "httpMethod": method,
            "identity": {
                "apiKey": "key",
                "apiKeyId": "key-1",
                "sourceIp": "192.0.2.1",
                "userAgent": "bench",
            },
            "path": f"/test{path}",
            "protocol": "HTTP/1.1",
            "requestId": "request-1",
            "requestTime": "31/Jan/2026:09:30:00 +0000",
            "requestTimeEpoch": 1769851800123,
            "resourceId": "abc123",
            "resourcePath": "/refunds",
            "stage": "test",
        },
        "body": None,
        "isBase64Encoded": False,
    }


def an_item(amount: str = "49.90", refund_id: str | None = None) -> Event:
    """Return a PENDING refund as the table holds it."""
    refund_id = refund_id or str(uuid4())
    texts = {
        "PK": f"REFUND#{refund_id}",
        "SK": "REFUND",
        "GSI1PK": "ORDER#A-1001",
        "GSI1SK": f"{AT}#{refund_id}",
        "refundId": refund_id,
        "orderId": "A-1001",
        "reason": "damaged on arrival",
        "status": "PENDING",
        "createdAt": AT,
        "updatedAt": AT,
        "correlationId": f"correlation-{refund_id[:8]}",
    }
    return {name: {"S": text} for name, text in texts.items()} | {
        "amount": {"N": amount}
    }


def a_batch(items: list[Event]) -> Event:
    """Return the SQS event that brings one message per item."""
    return {"Records": [_record(item) for item in items]}


def _record(item: Event) -> Event:
    refund_id = item["refundId"]["S"]
    correlation = {"stringValue": item["correlationId"]["S"], "dataType": "String"}
    return {
        "messageId": f"message-{refund_id}",
        "receiptHandle": "bench",
        "body": json.dumps({"version": 1, "refundId": refund_id}),
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": "1769851800123",
            "SenderId": "bench",
            "ApproximateFirstReceiveTimestamp": "1769851800124",
            "AWSTraceHeader": TRACE_HEADER,
        },
        "messageAttributes": {"correlationId": correlation},
        "md5OfBody": "bench",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:refund-queue",
        "awsRegion": "us-east-1",
    }
