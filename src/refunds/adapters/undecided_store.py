"""The index of undecided refunds: found by age, counted when they are sent again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from refunds.adapters.aws_errors import ConditionFailedError, sorted_errors
from refunds.adapters.item import primary_key, to_undecided, undecided_key
from refunds.domain.model import iso

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import (
        AttributeValueTypeDef,
        QueryInputTypeDef,
        UpdateItemInputTypeDef,
    )

    from refunds.adapters.item import Item
    from refunds.domain.sweep import Undecided

_PAGE = 100


class Page(NamedTuple):
    """Undecided refunds of a partition, oldest first; `after` when more may follow."""

    refunds: list[Undecided]
    after: Mapping[str, AttributeValueTypeDef] | None


@dataclass(frozen=True, slots=True)
class UndecidedStore:
    """The index; every method raises UnavailableError when it can't be used.

    It follows the table a moment later: what it shows may be decided by now.
    """

    client: DynamoDBClient
    table_name: str
    index_name: str

    def page(self, shard: int, after: Item | None) -> Page:
        """Return the next undecided refunds of a partition, at most 100."""
        query: QueryInputTypeDef = {
            "TableName": self.table_name,
            "IndexName": self.index_name,
            "KeyConditionExpression": "GSI2PK = :shard",
            "ExpressionAttributeValues": {":shard": {"S": undecided_key(shard)}},
            "Limit": _PAGE,
        }
        if after is not None:
            query["ExclusiveStartKey"] = after
        with sorted_errors("table"):
            answer = self.client.query(**query)
            refunds = [to_undecided(item) for item in answer["Items"]]
        return Page(refunds, answer.get("LastEvaluatedKey"))

    def claim(self, refund: Undecided, at: datetime) -> bool:
        """Count one more resend; False: it was decided, or claimed by another sweep."""
        counted = refund.resends
        values: dict[str, AttributeValueTypeDef] = {
            ":next": {"N": str(counted + 1)},
            ":at": {"S": iso(at)},
        }
        unchanged = "attribute_not_exists(resends)"
        if counted:
            unchanged = "resends = :counted"
            values[":counted"] = {"N": str(counted)}
        return self._update(
            refund,
            UpdateExpression="SET resends = :next, resentAt = :at",
            ConditionExpression=f"attribute_exists(GSI2PK) AND {unchanged}",
            ExpressionAttributeValues=values,
        )

    def forget(self, refund: Undecided) -> None:
        """Take a refund with a final status out of the index; a repeat is safe."""
        self._update(
            refund,
            UpdateExpression="REMOVE GSI2PK, GSI2SK",
            ConditionExpression="attribute_exists(GSI2PK)",
        )

    def _update(self, refund: Undecided, **changes: object) -> bool:
        request: UpdateItemInputTypeDef = {
            "TableName": self.table_name,
            "Key": primary_key(refund.refund_id),
            **changes,  # type: ignore[typeddict-item] # the caller's expressions
        }
        try:
            with sorted_errors("table"):
                self.client.update_item(**request)
        except ConditionFailedError:
            return False
        return True
