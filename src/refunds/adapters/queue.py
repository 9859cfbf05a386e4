"""Sends a refund to the queue, to be decided, and has what failed come back later."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from refunds.adapters.aws_errors import sorted_errors
from refunds.domain.model import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from types_boto3_sqs import SQSClient
    from types_boto3_sqs.type_defs import SendMessageRequestTypeDef

VERSION = 1


class Sendable(Protocol):
    """What a message needs to know of a refund."""

    @property
    def refund_id(self) -> str:
        """Names the refund; all else is in the table."""

    @property
    def correlation_id(self) -> str:
        """Leads to the request that asked for it."""


@dataclass(frozen=True, slots=True)
class RefundQueue:
    """The queue of refunds to decide."""

    client: SQSClient
    url: str

    def send(self, refund: Sendable, trace_header: str | None) -> None:
        """Ask for the refund's decision; a repeat is safe, the table is the truth.

        Raises:
            UnavailableError: SQS did not accept the message.
        """
        message: SendMessageRequestTypeDef = {
            "QueueUrl": self.url,
            "MessageBody": json.dumps(
                {"version": VERSION, "refundId": refund.refund_id}
            ),
            "MessageAttributes": {
                "correlationId": {
                    "DataType": "String",
                    "StringValue": refund.correlation_id,
                }
            },
        }
        if trace_header:
            message["MessageSystemAttributes"] = {
                "AWSTraceHeader": {"DataType": "String", "StringValue": trace_header}
            }
        with sorted_errors("queue"):
            answer = self.client.send_message(**message)
            if "MessageId" not in answer:
                raise LookupError("SQS names no message")

    def delay(self, waits_s: Mapping[str, int]) -> None:
        """Deliver failed messages, by receipt handle, again after so many seconds.

        For at most ten, the most that SQS takes at once.

        Raises:
            UnavailableError: some of them keep the queue's own visibility timeout.
        """
        entries = [
            {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": wait_s}
            for number, (handle, wait_s) in enumerate(waits_s.items())
        ]
        with sorted_errors("queue"):
            answer = self.client.change_message_visibility_batch(
                QueueUrl=self.url,
                Entries=entries,  # type: ignore[arg-type] # they are such typed dicts
            )
            if len(answer.get("Successful", ())) != len(entries):
                refused = [failed["Code"] for failed in answer.get("Failed", ())]
                raise UnavailableError("queue", ", ".join(refused) or "PartialAnswer")
