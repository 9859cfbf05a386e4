"""Packs the orders of the queue; an order that fails is received again."""

import os

import boto3

TABLE = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])


def handler(event, _context):
    """Return the messages that failed (a partial batch response)."""
    failed = []
    for record in event["Records"]:
        try:
            _pack(record["body"])
        except Exception as error:  # one order must not hold up the others
            print(f"order {record['body']} is not packed: {error}")
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def _pack(order_id):
    TABLE.update_item(
        Key={"PK": order_id},
        UpdateExpression="SET #status = :packed",
        ConditionExpression="attribute_exists(PK)",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":packed": "PACKED"},
    )
