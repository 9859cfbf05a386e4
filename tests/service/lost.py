"""Refunds whose message is lost, and the sweep that finds them, without an hour's wait.

They are put into the table, or aged there, as if they had been accepted long ago.
"""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from refunds.adapters.item import primary_key, to_item
from refunds.domain.acceptance import new_refund
from refunds.domain.model import RefundRequest, Submission, iso
from service.deployed import RefundService

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_lambda import LambdaClient

# Above the template's UndecidedAfterMinutes; the key is alive.
_LATE = timedelta(hours=2)


def put_lost_refund(
    dynamodb: "DynamoDBClient", stack: RefundService, order_id: str
) -> str:
    """Store a refund, made with a key, that nothing in the queue asks for."""
    request = RefundRequest(order_id, Decimal(10), "damaged")
    submission = Submission(request, f"lost-{uuid4()}")
    refund = new_refund(submission, Decimal(1000), f"lost-{uuid4()}")
    late = replace(refund, created_at=datetime.now(UTC) - _LATE)
    dynamodb.put_item(TableName=stack.table_name, Item=to_item(late))
    return refund.refund_id


def age(
    dynamodb: "DynamoDBClient",
    stack: RefundService,
    refund_id: str,
    by: timedelta = _LATE,
) -> None:
    """Let an undecided refund be older."""
    created_at = iso(datetime.now(UTC) - by)
    dynamodb.update_item(
        TableName=stack.table_name,
        Key=primary_key(refund_id),
        UpdateExpression="SET createdAt = :at, GSI2SK = :position",
        ConditionExpression="attribute_exists(GSI2PK)",
        ExpressionAttributeValues={
            ":at": {"S": created_at},
            ":position": {"S": f"{created_at}#{refund_id}"},
        },
    )


def sweep(functions: "LambdaClient", stack: RefundService) -> dict[str, Any]:
    """Sweep now, as the schedule does every five minutes; return what was found."""
    answer = functions.invoke(FunctionName=stack.functions["sweeper"].live)
    payload = answer["Payload"].read()
    assert not answer.get("FunctionError"), payload.decode()
    found: dict[str, Any] = json.loads(payload)
    return found
