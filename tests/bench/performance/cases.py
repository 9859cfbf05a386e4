"""The events that all subjects are given, and the check that they answer them alike."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from bench.performance import subjects
from bench.performance.subjects import TRACE_HEADER
from sam_harness.errors import HarnessError

if TYPE_CHECKING:
    from pathlib import Path

    from bench.performance.stub import Stub
    from bench.performance.subjects import Event, Subject

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
        "GSI2PK": f"PENDING#{int(refund_id[:2], 16) % 64:02}",
        "GSI2SK": f"{AT}#{refund_id}",
        "refundId": refund_id,
        "orderId": "A-1001",
        "reason": "damaged on arrival",
        "status": "PENDING",
        "createdAt": AT,
        "updatedAt": AT,
        "correlationId": f"correlation-{refund_id[:8]}",
    }
    return {name: {"S": text} for name, text in texts.items()} | {
        "amount": {"N": amount},
        "madeWithKey": {"BOOL": False},
        "decisionLimit": {"N": "1000"},
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


# What is random (a partition too), or a time: the same word for every subject.
_VARIABLE = re.compile(
    r"(?<=PENDING#)\d\d|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[\d:.]+Z"
)
_VALID = {"orderId": "A-1", "amount": 49.9, "reason": "damaged"}
_KEY = {"Idempotency-Key": "key-1"}
POSTS = (
    a_post(),
    a_post({**_VALID, "amount": 1000}),
    a_post(**{"X-Correlation-Id": "given-1"}),
    a_post(_VALID, **_KEY),
    a_post(_VALID, **_KEY),
    a_post({**_VALID, "reason": "another"}, **_KEY),
    a_post({"orderId": "a b", "amount": 1.005, "reason": " "}),
    a_post({**_VALID, "amount": 0, "note": "?"}),
    a_post({**_VALID, "amount": "49.90", "reason": "x" * 501}),
    a_post({**_VALID, "amount": 10_000_000}),
    a_post({}),
    a_post("{"),
)


def all_alike(built: list[Subject], stub: Stub, scratch: Path) -> None:
    """Compare every subject with ours.

    Raises:
        HarnessError: they differ; names the subject and the first difference.
    """
    items = [an_item(amount) for amount in ("49.90", "1000", "1000.01")]
    ours, *others = [(one.name, _seen(one, items, stub, scratch)) for one in built]
    for name, seen in others:
        for about, expected in ours[1].items():
            if seen[about] != expected:
                raise HarnessError(
                    f"{name} is no fair subject, its {about} differ from ours:\n"
                    f"  ours: {expected}\n  {name}: {seen[about]}"
                )


def _seen(
    subject: Subject, items: list[Event], stub: Stub, scratch: Path
) -> dict[str, str]:
    seen = {}
    jobs = (
        subjects.Job("receiver", list(POSTS)),
        subjects.Job("processor", [a_batch(items)]),
        subjects.Job("reader", [*(a_get(one["refundId"]["S"]) for one in items)]),
    )
    for job in jobs:
        stub.take_state()
        if job.role != "receiver":
            stub.seed(items)
        answers = subjects.run(subject, job, stub, scratch)["answers"]
        state = stub.take_state()
        del state["requests"]
        seen[f"{job.role}'s answers"] = "\n".join(map(_normal, map(_http, answers)))
        seen[f"{job.role}'s effects"] = _normal(state)
    return seen


def _http(answer: dict[str, Any]) -> dict[str, Any]:
    """Return what a client would see of a proxy answer; a batch's answer as it is."""
    if "statusCode" not in answer:
        return answer
    several = answer.get("multiValueHeaders") or {}
    headers = {name: ",".join(values) for name, values in several.items()}
    headers |= answer.get("headers") or {}
    named = {name.lower(): value for name, value in headers.items()}
    return {"status": answer["statusCode"], "headers": named, "body": answer["body"]}


def _normal(value: object) -> str:
    return _VARIABLE.sub("~", json.dumps(value, sort_keys=True))
