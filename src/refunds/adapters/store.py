"""The table of refunds, one by one: one table, one item per refund.

Item: PK=REFUND#<refundId>, SK=REFUND, GSI1PK=ORDER#<orderId>,
GSI1SK=<createdAt>#<refundId>, and the refund's fields under their API names; while it
is PENDING also GSI2PK=PENDING#<shard>, GSI2SK=<createdAt>#<refundId>; once it is
decided, where refunds are not kept for ever, expiresAt (see `batch_store`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from refunds.adapters.aws_errors import ConditionFailedError, sorted_errors
from refunds.adapters.item import index_key, order_key, primary_key, to_item, to_refund
from refunds.domain.model import RefundNotFoundError, UnavailableError

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import QueryInputTypeDef

    from refunds.domain.model import ListPosition, Refund


class Page(NamedTuple):
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
            with sorted_errors("table"):
                self.client.put_item(
                    TableName=self.table_name,
                    Item=to_item(refund),
                    ConditionExpression="attribute_not_exists(PK)",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except ConditionFailedError as conflict:
            if conflict.item is None:
                raise UnavailableError("table", "NoItemInConflict") from None
            with sorted_errors("table"):
                return to_refund(conflict.item)
        return refund

    def get(self, refund_id: str) -> Refund:
        """Return the refund as last written; raise RefundNotFoundError without one."""
        with sorted_errors("table"):
            answer = self.client.get_item(
                TableName=self.table_name,
                Key=primary_key(refund_id),
                ConsistentRead=True,
            )
            if "Item" in answer:
                return to_refund(answer["Item"])
        raise RefundNotFoundError

    def list_by_order(
        self, index_name: str, order_id: str, limit: int, after: ListPosition | None
    ) -> Page:
        """Return at most `limit` refunds of the order, those after the position."""
        query: QueryInputTypeDef = {
            "TableName": self.table_name,
            "IndexName": index_name,
            "KeyConditionExpression": "GSI1PK = :order",
            "ExpressionAttributeValues": {":order": {"S": order_key(order_id)}},
            "Limit": limit,
        }
        if after is not None:
            query["ExclusiveStartKey"] = index_key(order_id, *after)
        with sorted_errors("table"):
            answer = self.client.query(**query)
            refunds = [to_refund(item) for item in answer["Items"]]
        more = refunds and "LastEvaluatedKey" in answer
        return Page(refunds, refunds[-1] if more else None)
