"""What a batch's answer says of its messages."""

from typing import Any


def failed_ids(answer: dict[str, Any]) -> list[str]:
    """Return the messages to be delivered again."""
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def message_ids(event: dict[str, list[dict[str, object]]]) -> list[object]:
    """Return the messages of an event."""
    return [record["messageId"] for record in event["Records"]]
