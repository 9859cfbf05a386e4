"""What a function answers: to API Gateway, or to SQS for a batch."""

import json
from typing import Any


def body_of(answer: dict[str, Any]) -> dict[str, Any]:
    """Return the body, parsed."""
    body: dict[str, Any] = json.loads(answer["body"])
    return body


def bad_fields_of(answer: dict[str, Any]) -> list[str]:
    """Return what a 400 names, in its order."""
    assert answer["statusCode"] == 400
    assert answer["headers"]["Content-Type"] == "application/problem+json"
    return [error["field"] for error in body_of(answer)["errors"]]


def failed_ids(answer: dict[str, Any]) -> list[str]:
    """Return the messages to be delivered again."""
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def message_ids(event: dict[str, list[dict[str, object]]]) -> list[object]:
    """Return the messages of an event."""
    return [record["messageId"] for record in event["Records"]]
