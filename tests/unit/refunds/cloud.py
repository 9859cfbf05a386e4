"""The table and the queue of the unit tests, in moto."""

from dataclasses import dataclass
from typing import Any

from moto.dynamodb.models import dynamodb_backends
from moto.sqs.models import sqs_backends

from refunds.adapters.batch_store import BatchStore
from refunds.adapters.item import to_item
from refunds.adapters.store import RefundStore
from refunds.domain.model import Refund, Status
from unit.moto_tables import create_table

TABLE_NAME = "refund-table"
QUEUE_NAME = "refund-queue"
ACCOUNT_ID = "123456789012"  # moto's
REGION = "us-east-1"
QUEUE_URL = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT_ID}/{QUEUE_NAME}"


@dataclass(frozen=True, slots=True)
class Cloud:
    """The table and the queue that a test finds empty."""

    dynamodb: Any
    sqs: Any

    @property
    def store(self) -> RefundStore:
        """The table as the Receiver and the Reader see it."""
        return RefundStore(self.dynamodb, TABLE_NAME)

    @property
    def batch_store(self) -> BatchStore:
        """The table as the Processor sees it."""
        return BatchStore(self.dynamodb, TABLE_NAME)

    def items(self) -> list[dict[str, Any]]:
        """Return every item of the table."""
        items: list[dict[str, Any]] = self.dynamodb.scan(TableName=TABLE_NAME)["Items"]
        return items

    def messages(self) -> list[dict[str, Any]]:
        """Receive at most ten messages, with all their attributes."""
        answer = self.sqs.receive_message(
            QueueUrl=QUEUE_URL,
            MaxNumberOfMessages=10,
            MessageAttributeNames=["All"],
            MessageSystemAttributeNames=["All"],
        )
        messages: list[dict[str, Any]] = answer.get("Messages", [])
        return messages

    def given(self, refund: Refund) -> Refund:
        """Put a refund into the table, decided ones included."""
        item = dict(to_item(refund))
        if refund.status is not Status.PENDING:
            item["decisionReason"] = {"S": "decided before"}
        self.dynamodb.put_item(TableName=TABLE_NAME, Item=item)
        return refund

    def delete_table(self) -> None:
        """Make the table unavailable."""
        self.dynamodb.delete_table(TableName=TABLE_NAME)

    def create_table(self) -> None:
        """Create the table as template.yaml does."""
        backend = dynamodb_backends[ACCOUNT_ID][REGION]
        indexes = {name: (f"{name}PK", f"{name}SK") for name in ("GSI1", "GSI2")}
        create_table(backend, TABLE_NAME, "PK", "SK", **indexes)

    def delete_queue(self) -> None:
        """Make the queue unavailable."""
        self.sqs.delete_queue(QueueUrl=QUEUE_URL)

    def create_queue(self) -> None:
        """Create the queue, empty."""
        sqs_backends[ACCOUNT_ID][REGION].create_queue(QUEUE_NAME)
