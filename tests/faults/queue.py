"""The refund queue and its DLQ, as the event source mapping sees them.

Time is not waited for: what is not in flight can be delivered at once.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import uuid4

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    type Event = dict[str, list[dict[str, object]]]

# At most the template's, so that what fails for long gets into the DLQ.
MAX_RECEIVES = 3
BATCH_SIZE = 10


@dataclass(slots=True)
class Message:
    """A message, and how often it was received since it was sent or redriven."""

    body: str
    attributes: Mapping[str, Any]
    message_id: str = field(default_factory=lambda: str(uuid4()))
    receives: int = 0

    def record(self) -> dict[str, object]:
        """Return the message as a record of Lambda's event."""
        return {
            "messageId": self.message_id,
            "receiptHandle": f"handle-{self.message_id}",
            "body": self.body,
            "attributes": {"ApproximateReceiveCount": str(self.receives)},
            "messageAttributes": {
                name: {"stringValue": one["StringValue"], "dataType": one["DataType"]}
                for name, one in self.attributes.items()
            },
            "eventSource": "aws:sqs",
        }


class Queue:
    """The messages that wait, and those that are dead; a lock is the caller's."""

    def __init__(self) -> None:
        self.waiting: list[Message] = []
        self.dead: list[Message] = []

    def send(self, body: str, attributes: Mapping[str, Any]) -> Message:
        """Put a message into the queue."""
        self.waiting.append(Message(body, attributes))
        return self.waiting[-1]

    def receive(self) -> list[Message]:
        """Receive a batch; a message that was received too often is dead instead."""
        self.dead += [one for one in self.waiting if one.receives >= MAX_RECEIVES]
        self.waiting = [one for one in self.waiting if one.receives < MAX_RECEIVES]
        batch = self.waiting[:BATCH_SIZE]
        for message in batch:
            message.receives += 1
        return batch

    def delete(self, messages: Iterable[Message]) -> None:
        """Delete what was processed."""
        gone = {message.message_id for message in messages}
        self.waiting = [one for one in self.waiting if one.message_id not in gone]

    def redrive(self) -> None:
        """Move the dead back; each counts from the start again."""
        self.waiting += [Message(one.body, one.attributes) for one in self.dead]
        self.dead.clear()

    def named(self) -> set[str]:
        """Return the refunds whose messages wait or are dead."""
        messages = (*self.waiting, *self.dead)
        return {str(json.loads(one.body)["refundId"]) for one in messages}

    def clear(self) -> None:
        """Forget everything."""
        self.waiting.clear()
        self.dead.clear()


def event_of(messages: Iterable[Message]) -> Event:
    """Return Lambda's event for a batch."""
    return {"Records": [message.record() for message in messages]}
