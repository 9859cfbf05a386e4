"""The table of refunds: what is stored, and what is changed."""

import os
from datetime import UTC, datetime
from decimal import Decimal

from aws import dynamodb

TABLE = os.environ["TABLE_NAME"]
LIMIT = Decimal(os.environ.get("DECISION_LIMIT", "1000"))


def store(refund_id, fields, correlation_id, *, made_with_key):
    at = now()
    item = {
        "PK": {"S": f"REFUND#{refund_id}"},
        "SK": {"S": "REFUND"},
        "GSI1PK": {"S": f"ORDER#{fields['orderId']}"},
        "GSI1SK": {"S": f"{at}#{refund_id}"},
        "refundId": {"S": refund_id},
        "orderId": {"S": fields["orderId"]},
        "amount": {"N": str(fields["amount"])},
        "reason": {"S": fields["reason"]},
        "status": {"S": "PENDING"},
        "createdAt": {"S": at},
        "updatedAt": {"S": at},
        "correlationId": {"S": correlation_id},
        "madeWithKey": {"BOOL": made_with_key},
        "decisionLimit": {"N": f"{LIMIT:f}"},
    }
    status, said = dynamodb(
        "PutItem",
        {
            "TableName": TABLE,
            "Item": item,
            "ConditionExpression": "attribute_not_exists(PK)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        },
    )
    names = ("orderId", "amount", "reason")
    return status == 200 or all(said["Item"][name] == item[name] for name in names)


def statement(refund_id, reference):
    values = {
        "status": "APPROVED" if reference else "REJECTED",
        "decisionReason": "approved by the payment gateway"
        if reference
        else f"amount is over the limit of {LIMIT}",
        "updatedAt": now(),
    }
    values |= {"gatewayReference": reference} if reference else {}
    sets = " ".join(f'SET "{name}" = ?' for name in values)
    where = 'WHERE "PK" = ? AND "SK" = ? AND "status" = ?'
    return {
        "Statement": f'UPDATE "{TABLE}" {sets} {where}',
        "Parameters": [{"S": value} for value in values.values()]
        + [*key_of(refund_id).values(), {"S": "PENDING"}],
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def key_of(refund_id):
    return {"PK": {"S": f"REFUND#{refund_id}"}, "SK": {"S": "REFUND"}}


def now():
    return datetime.now(UTC).isoformat(timespec="milliseconds")[:23] + "Z"
