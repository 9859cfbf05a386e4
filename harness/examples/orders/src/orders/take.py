"""POST /orders: stores an order and queues it to be packed."""

import json
import os
from uuid import uuid4

import boto3

TABLE = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])
SQS = boto3.client("sqs")
QUEUE_URL = os.environ["QUEUE_URL"]


def handler(event, _context):
    """Answer 202 with the order's id."""
    order_id = str(uuid4())
    order = json.loads(event["body"])
    TABLE.put_item(Item={"PK": order_id, "what": order["what"], "status": "TAKEN"})
    SQS.send_message(QueueUrl=QUEUE_URL, MessageBody=order_id)
    return {"statusCode": 202, "body": json.dumps({"orderId": order_id})}
