"""The refund table and the queue: calls of DynamoDB and SQS, signed by hand."""

import hashlib
import hmac
import http.client
import json
import os
import ssl
import time
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import urlsplit

REGION = os.environ["AWS_REGION"]
TABLE = os.environ["TABLE_NAME"]
LIMIT = Decimal(os.environ.get("DECISION_LIMIT", "1000"))


def connect(url):
    parts = urlsplit(url)
    if parts.scheme == "https":
        context = ssl.create_default_context(cafile=os.environ["AWS_CA_BUNDLE"])
        return http.client.HTTPSConnection(parts.hostname, parts.port, context=context)
    return http.client.HTTPConnection(parts.hostname, parts.port)


DYNAMODB = connect(os.environ["AWS_ENDPOINT_URL_DYNAMODB"])
SQS = connect(os.environ["AWS_ENDPOINT_URL_SQS"]) if "QUEUE_URL" in os.environ else None


def sign(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def call(connection, service, target, request):
    body = json.dumps(request).encode()
    at = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    day, token = at[:8], os.environ["AWS_SESSION_TOKEN"]
    names = "host;x-amz-date;x-amz-security-token;x-amz-target"
    host = f"{connection.host}:{connection.port}"
    canonical = (
        f"POST\n/\n\nhost:{host}\nx-amz-date:{at}\nx-amz-security-token:{token}\n"
        f"x-amz-target:{target}\n\n{names}\n{hashlib.sha256(body).hexdigest()}"
    )
    scope = f"{day}/{REGION}/{service}/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    key = ("AWS4" + os.environ["AWS_SECRET_ACCESS_KEY"]).encode()
    for part in (day, REGION, service, "aws4_request"):
        key = sign(key, part)
    signature = sign(key, f"AWS4-HMAC-SHA256\n{at}\n{scope}\n{digest}").hex()
    credential = f"{os.environ['AWS_ACCESS_KEY_ID']}/{scope}"
    connection.request(
        "POST",
        "/",
        body,
        {
            "Host": host,
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Date": at,
            "X-Amz-Security-Token": token,
            "X-Amz-Target": target,
            "Authorization": f"AWS4-HMAC-SHA256 Credential={credential}, "
            f"SignedHeaders={names}, Signature={signature}",
        },
    )
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


def dynamodb(operation, request):
    return call(DYNAMODB, "dynamodb", f"DynamoDB_20120810.{operation}", request)


def store(refund_id, fields, correlation_id, *, made_with_key):
    at = now()
    item = {
        "PK": {"S": f"REFUND#{refund_id}"},
        "SK": {"S": "REFUND"},
        "GSI1PK": {"S": f"ORDER#{fields['orderId']}"},
        "GSI1SK": {"S": f"{at}#{refund_id}"},
        "GSI2PK": {"S": f"PENDING#{int(refund_id[:2], 16) % 64:02}"},
        "GSI2SK": {"S": f"{at}#{refund_id}"},
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
    sets += ' REMOVE "GSI2PK" REMOVE "GSI2SK"'
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
