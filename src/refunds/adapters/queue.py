"""Sends a refund to the queue, to be decided."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from refunds.adapters.aws_errors import sorted_errors

if TYPE_CHECKING:
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
