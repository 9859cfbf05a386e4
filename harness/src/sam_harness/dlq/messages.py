"""What is in a queue, and how to look at it without taking it away."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient
    from types_boto3_sqs.type_defs import MessageTypeDef

BATCH = 10  # the most that SQS hands out, or takes, in one call
# A shorter poll asks only some of SQS's servers and may miss messages.
WAIT_S = 1
# Enough to take in a full queue at ~100 messages per second; it is reset afterwards.
LOOK_VISIBILITY_S = 30


@dataclass(frozen=True, slots=True)
class Depth:
    """How many messages there are, by SQS's own estimate."""

    visible: int
    in_flight: int

    def __str__(self) -> str:
        """Return ``3 messages``, with what another reader holds."""
        text = f"{self.visible} message{'s' * (self.visible != 1)}"
        return text + f" (and {self.in_flight} in flight)" * bool(self.in_flight)


@dataclass(frozen=True, slots=True)
class Received:
    """One message as ReceiveMessage returned it, under its API names."""

    raw: "MessageTypeDef"

    @property
    def message_id(self) -> str:
        """The id that SQS gave it."""
        return self.raw["MessageId"]

    @property
    def receives_before(self) -> int:
        """How often it had been received when this look came."""
        return int(self.raw["Attributes"]["ApproximateReceiveCount"]) - 1

    @property
    def sent_at(self) -> datetime:
        """When it was first sent, in UTC."""
        sent_ms = int(self.raw["Attributes"]["SentTimestamp"])
        return datetime.fromtimestamp(sent_ms / 1000, UTC)

    def texts(self) -> dict[str, str]:
        """Return the string members of a body that is a JSON object."""
        try:
            body: object = json.loads(self.raw["Body"])
        except (ValueError, RecursionError):
            return {}
        if not isinstance(body, dict):
            return {}
        return {name: value for name, value in body.items() if isinstance(value, str)}


def depth(sqs: "SQSClient", url: str) -> Depth:
    """Return how many messages the queue holds."""
    attributes = sqs.get_queue_attributes(
        QueueUrl=url,
        AttributeNames=[
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
        ],
    )["Attributes"]
    return Depth(
        int(attributes["ApproximateNumberOfMessages"]),
        int(attributes["ApproximateNumberOfMessagesNotVisible"]),
    )


def receive(sqs: "SQSClient", url: str, visibility_s: int) -> list[Received]:
    """Return the next messages, hidden from others for ``visibility_s``."""
    answer = sqs.receive_message(
        QueueUrl=url,
        MaxNumberOfMessages=BATCH,
        VisibilityTimeout=visibility_s,
        WaitTimeSeconds=WAIT_S,
        MessageSystemAttributeNames=["All"],
        MessageAttributeNames=["All"],
    )
    return [Received(raw) for raw in answer.get("Messages", [])]


def look(sqs: "SQSClient", url: str, limit: int) -> list[Received]:
    """Return up to ``limit`` messages, oldest first; others see them again at once."""
    seen: dict[str, Received] = {}
    held: list[Received] = []
    try:
        while len(seen) < limit:
            batch = receive(sqs, url, LOOK_VISIBILITY_S)
            held += batch
            fresh = {one.message_id: one for one in batch} | seen
            if len(fresh) == len(seen):
                break
            seen = fresh
    finally:
        release(sqs, url, held)
    oldest_first = sorted(seen.values(), key=lambda one: one.sent_at)
    return oldest_first[:limit]


def release(sqs: "SQSClient", url: str, held: Iterable[Received]) -> None:
    """Make messages visible again that were received but not deleted."""
    for batch in _batches(list(held)):
        sqs.change_message_visibility_batch(
            QueueUrl=url,
            Entries=[
                {
                    "Id": str(number),
                    "ReceiptHandle": one.raw["ReceiptHandle"],
                    "VisibilityTimeout": 0,
                }
                for number, one in enumerate(batch)
            ],
        )


def _batches(messages: list[Received]) -> Iterator[list[Received]]:
    for begin in range(0, len(messages), BATCH):
        yield messages[begin : begin + BATCH]
