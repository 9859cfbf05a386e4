"""All SQS: what the Receiver sends and what the Processor reads."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from refunds.model import MalformedMessageError, UnavailableError, is_refund_id
from refunds.trace import trace_id

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient
    from types_boto3_sqs.type_defs import SendMessageRequestTypeDef

    from refunds.model import Refund

_VERSION = 1


@dataclass(frozen=True, slots=True)
class RefundQueue:
    """The queue of refunds to decide."""

    client: SQSClient
    url: str

    def send(self, refund: Refund, trace_header: str | None) -> None:
        """Ask for the refund's decision; a repeat is safe, the table is the truth.

        Raises:
            UnavailableError: SQS did not accept the message.

        """
        message: SendMessageRequestTypeDef = {
            "QueueUrl": self.url,
            "MessageBody": json.dumps(
                {"version": _VERSION, "refundId": refund.refund_id}
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
        try:
            self.client.send_message(**message)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            raise UnavailableError("queue", code) from error
        except BotoCoreError as error:
            raise UnavailableError("queue", type(error).__name__) from error


@dataclass(frozen=True, slots=True)
class RefundMessage:
    """One received message; several may name the same refund."""

    message_id: str
    refund_id: str
    correlation_id: str
    trace_id: str | None = None


def parse_message(record: dict[str, object]) -> RefundMessage:
    """Read one record of an SQS event; raise MalformedMessageError if it is not ours.

    A message without a correlation id is correlated by its own id.
    """
    message_id = str(record["messageId"])
    try:
        body: object = json.loads(str(record.get("body")))
    except (ValueError, RecursionError):
        raise MalformedMessageError("not JSON") from None
    if not isinstance(body, dict):
        raise MalformedMessageError("not a JSON object")
    version = body.get("version")
    if type(version) is not int or version != _VERSION:
        raise MalformedMessageError(f"version is not {_VERSION}")
    refund_id = body.get("refundId")
    if not isinstance(refund_id, str) or not is_refund_id(refund_id):
        raise MalformedMessageError("no refundId")
    correlation_id = _find(record, "messageAttributes", "correlationId", "stringValue")
    return RefundMessage(
        message_id,
        refund_id,
        correlation_id if isinstance(correlation_id, str) else message_id,
        trace_id(_find(record, "attributes", "AWSTraceHeader")),
    )


def _find(record: dict[str, object], *path: str) -> object:
    value: object = record
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value
