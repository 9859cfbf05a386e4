"""The table of refunds."""

import os
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import boto3
from botocore.exceptions import ClientError

from model import RefundBody

LIMIT = Decimal(os.environ.get("DECISION_LIMIT", "1000"))
table = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])


def add(
    refund_id: str, body: RefundBody, correlation_id: str, *, made_with_key: bool
) -> bool:
    """Store the refund; False: the id belongs to another request."""
    at = now()
    item = {
        "PK": f"REFUND#{refund_id}",
        "SK": "REFUND",
        "GSI1PK": f"ORDER#{body.order_id}",
        "GSI1SK": f"{at}#{refund_id}",
        "GSI2PK": f"PENDING#{int(refund_id[:2], 16) % 64:02}",
        "GSI2SK": f"{at}#{refund_id}",
        "refundId": refund_id,
        "orderId": body.order_id,
        "amount": body.amount,
        "reason": body.reason,
        "status": "PENDING",
        "createdAt": at,
        "updatedAt": at,
        "correlationId": correlation_id,
        "madeWithKey": made_with_key,
        "decisionLimit": LIMIT,
    }
    try:
        table.put_item(
            Item=item,
            ConditionExpression="attribute_not_exists(PK)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        stored: Any = error.response
        return all(
            next(iter(stored["Item"][name].values())) == str(item[name])
            for name in ("orderId", "amount", "reason")
        )
    return True


def find(refund_id: str) -> dict[str, Any] | None:
    """Return a refund's item, if there is one."""
    return table.get_item(Key=_key(refund_id), ConsistentRead=True).get("Item")


def save(refund_id: str, update: str, values: dict[str, Any]) -> None:
    """Change a refund that is still undecided."""
    table.update_item(
        Key=_key(refund_id),
        UpdateExpression=update,
        ConditionExpression="#status = :pending",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":pending": "PENDING", **values},
    )


def _key(refund_id: str) -> dict[str, str]:
    return {"PK": f"REFUND#{refund_id}", "SK": "REFUND"}


def now() -> str:
    text = datetime.now(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
