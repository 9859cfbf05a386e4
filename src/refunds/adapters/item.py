"""The stored form of a refund: one DynamoDB item, and its keys."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from refunds.domain.model import Refund, RefundRequest, Status, iso
from refunds.domain.sweep import Undecided

if TYPE_CHECKING:
    from collections.abc import Mapping

    from types_boto3_dynamodb.type_defs import AttributeValueTypeDef

    type Item = Mapping[str, AttributeValueTypeDef]

# Partitions of the index of undecided refunds. Each refund is written to it and removed
# from it, and a partition takes 1,000 writes/s: enough for 32,000 refunds/s.
SHARDS = 64


def primary_key(refund_id: str) -> Item:
    """Return the key of a refund in the table."""
    return {"PK": {"S": f"REFUND#{refund_id}"}, "SK": {"S": "REFUND"}}


def order_key(order_id: str) -> str:
    """Return the partition of the order index that holds the order's refunds."""
    return f"ORDER#{order_id}"


def index_key(order_id: str, created_at: str, refund_id: str) -> Item:
    """Return the full key of a refund in the order index."""
    return {
        **primary_key(refund_id),
        "GSI1PK": {"S": order_key(order_id)},
        "GSI1SK": {"S": f"{created_at}#{refund_id}"},
    }


def undecided_key(shard: int) -> str:
    """Return a partition of the index of undecided refunds: 0 to SHARDS - 1."""
    return f"PENDING#{shard:02}"


def _undecided(refund_id: str, created_at: str) -> Item:
    """Return what has a refund in the index of the undecided ones, oldest first.

    The decision removes it. The id's first digits are as good as random.
    """
    return {
        "GSI2PK": {"S": undecided_key(int(refund_id[:2], 16) % SHARDS)},
        "GSI2SK": {"S": f"{created_at}#{refund_id}"},
    }


def to_item(refund: Refund) -> Item:
    """Return the item of a refund; only a PENDING one is among the undecided."""
    request = refund.request
    created_at = iso(refund.created_at)
    return {
        **index_key(request.order_id, created_at, refund.refund_id),
        "refundId": {"S": refund.refund_id},
        "orderId": {"S": request.order_id},
        "amount": {"N": f"{request.amount:f}"},
        "reason": {"S": request.reason},
        "status": {"S": refund.status.value},
        "createdAt": {"S": created_at},
        "updatedAt": {"S": iso(refund.updated_at)},
        "correlationId": {"S": refund.correlation_id},
        "madeWithKey": {"BOOL": refund.made_with_key},
        **_limit(refund.decision_limit),
        **(
            _undecided(refund.refund_id, created_at)
            if refund.status is Status.PENDING
            else {}
        ),
    }


def _limit(limit: Decimal | None) -> Item:
    return {} if limit is None else {"decisionLimit": {"N": f"{limit:f}"}}


def to_refund(item: Item) -> Refund:
    """Read an item back; an item that this service did not write is a KeyError."""
    return Refund(
        refund_id=item["refundId"]["S"],
        request=RefundRequest(
            order_id=item["orderId"]["S"],
            amount=Decimal(item["amount"]["N"]),
            reason=item["reason"]["S"],
        ),
        correlation_id=item["correlationId"]["S"],
        created_at=datetime.fromisoformat(item["createdAt"]["S"]),
        updated_at=datetime.fromisoformat(item["updatedAt"]["S"]),
        status=Status(item["status"]["S"]),
        decision_reason=item.get("decisionReason", {}).get("S"),
        gateway_reference=item.get("gatewayReference", {}).get("S"),
        made_with_key=item.get("madeWithKey", {}).get("BOOL", False),
        decision_limit=Decimal(item["decisionLimit"]["N"])
        if "decisionLimit" in item
        else None,
    )


def to_undecided(item: Item) -> Undecided:
    """Read an item of the index of undecided refunds."""
    created_at, _, refund_id = item["GSI2SK"]["S"].partition("#")
    return Undecided(
        refund_id,
        item["correlationId"]["S"],
        datetime.fromisoformat(created_at),
        made_with_key=item["madeWithKey"]["BOOL"],
        status=Status(item["status"]["S"]),
        resends=int(item.get("resends", {}).get("N", 0)),
        resent_at=datetime.fromisoformat(item["resentAt"]["S"])
        if "resentAt" in item
        else None,
    )
