"""All DynamoDB: one table, one item per refund, errors sorted by their code.

Item: PK=REFUND#<refundId>, SK=REFUND, GSI1PK=ORDER#<orderId>,
GSI1SK=<createdAt>#<refundId>, and the refund's fields under their API names.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from botocore.exceptions import BotoCoreError, ClientError

from refunds.item import order_key, primary_key, to_item, to_refund
from refunds.model import (
    AlreadyDecidedError,
    RefundNotFoundError,
    Status,
    UnavailableError,
    iso,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import AttributeValueTypeDef, QueryInputTypeDef

    from refunds.item import Item
    from refunds.model import Decision, Refund


class _ConditionFailedError(Exception):
    """The write's condition did not hold; `item` is what is stored, if anything."""

    def __init__(self, item: Item | None) -> None:
        super().__init__("condition failed")
        self.item = item


@dataclass(frozen=True, slots=True)
class Page:
    """Refunds of one order, oldest first; `last` is set when more may follow."""

    refunds: list[Refund]
    last: Refund | None


@dataclass(frozen=True, slots=True)
class RefundStore:
    """The table; every method raises UnavailableError when it can't be used."""

    client: DynamoDBClient
    table_name: str

    def add(self, refund: Refund) -> Refund:
        """Store a new refund; return the stored one, which a repeat may find older.

        A repeat with the same id is safe: it changes nothing.
        """
        try:
            with _sorted_errors():
                self.client.put_item(
                    TableName=self.table_name,
                    Item=to_item(refund),
                    ConditionExpression="attribute_not_exists(PK)",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except _ConditionFailedError as conflict:
            if conflict.item is None:
                raise UnavailableError("table", "NoItemInConflict") from None
            return to_refund(conflict.item)
        return refund

    def get(self, refund_id: str) -> Refund:
        """Return the refund as last written; raise RefundNotFoundError without one."""
        with _sorted_errors():
            answer = self.client.get_item(
                TableName=self.table_name,
                Key=primary_key(refund_id),
                ConsistentRead=True,
            )
        if "Item" not in answer:
            raise RefundNotFoundError
        return to_refund(answer["Item"])

    def save_decision(
        self, refund: Refund, decision: Decision, decided_at: datetime
    ) -> Refund:
        """Write the decision of a PENDING refund, once and for all.

        Raises:
            AlreadyDecidedError: the refund is no longer PENDING; a repeat is safe.
            RefundNotFoundError: the refund is gone.

        """
        decided = refund.decided(decision, decided_at)
        values: dict[str, AttributeValueTypeDef] = {
            ":pending": {"S": Status.PENDING},
            ":status": {"S": decision.status},
            ":reason": {"S": decision.reason},
            ":at": {"S": iso(decided_at)},
        }
        update = "SET #status = :status, decisionReason = :reason, updatedAt = :at"
        if decision.gateway_reference is not None:
            values[":reference"] = {"S": decision.gateway_reference}
            update += ", gatewayReference = :reference"
        try:
            with _sorted_errors():
                self.client.update_item(
                    TableName=self.table_name,
                    Key=primary_key(refund.refund_id),
                    UpdateExpression=update,
                    ConditionExpression="#status = :pending",
                    ExpressionAttributeNames={"#status": "status"},
                    ExpressionAttributeValues=values,
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except _ConditionFailedError as conflict:
            if conflict.item is None:
                raise RefundNotFoundError from None
            raise AlreadyDecidedError(to_refund(conflict.item)) from None
        return decided

    def list_by_order(
        self, index_name: str, order_id: str, limit: int, after: Item | None
    ) -> Page:
        """Return at most `limit` refunds of the order that come after the given key."""
        query: QueryInputTypeDef = {
            "TableName": self.table_name,
            "IndexName": index_name,
            "KeyConditionExpression": "GSI1PK = :order",
            "ExpressionAttributeValues": {":order": {"S": order_key(order_id)}},
            "Limit": limit,
        }
        if after is not None:
            query["ExclusiveStartKey"] = after
        with _sorted_errors():
            answer = self.client.query(**query)
        refunds = [to_refund(item) for item in answer["Items"]]
        more = refunds and "LastEvaluatedKey" in answer
        return Page(refunds, refunds[-1] if more else None)


@contextmanager
def _sorted_errors() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "ConditionalCheckFailedException":
            response = cast("Mapping[str, Item]", error.response)
            raise _ConditionFailedError(response.get("Item")) from None
        raise UnavailableError("table", code) from error
    except BotoCoreError as error:
        raise UnavailableError("table", type(error).__name__) from error
