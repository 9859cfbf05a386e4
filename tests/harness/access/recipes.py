"""How each action is called for real: small, and harmless when it is allowed.

Only an authorised call gets the errors listed as ``reached``: the service itself
answered. What would destroy its resource is marked, so that nobody allows it there.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from harness.access.thing import Parameters, Thing

NO_HANDLE = "ReceiptHandleIsInvalid"
# Changing an item by a statement never makes it.
NO_ITEM = "ConditionalCheckFailedException"
NOT_FOUND = "ResourceNotFoundException"
NO_CODE = "InvalidParameterValueException"
# What LocalStack answers for a service that it does not have.
NOT_EMULATED = ("InternalFailure",)


@dataclass(frozen=True, slots=True)
class Recipe:
    """An operation of boto3's client and its parameters."""

    operation: str
    parameters: Callable[[Thing], Parameters]
    reached: tuple[str, ...] = ()
    destroys: bool = False


def _of_key(thing: Thing) -> Parameters:
    return {"TableName": thing.table, "Key": thing.key}


def _query(thing: Thing) -> Parameters:
    hash_key = thing.keys[0]
    return {
        "TableName": thing.table,
        **thing.index,
        "KeyConditionExpression": "#hash = :hash",
        "ExpressionAttributeNames": {"#hash": hash_key},
        "ExpressionAttributeValues": {":hash": {"S": "access"}},
    }


def _statement(thing: Thing, form: str) -> Parameters:
    key = {name: value["S"] for name, value in thing.key.items()}
    where = " AND ".join(f"\"{name}\" = '{value}'" for name, value in key.items())
    statement = form.format(table=thing.table, key=f" WHERE {where}", item=key)
    return {"Statement": statement}


def _handle(thing: Thing) -> Parameters:
    return {**thing.queue, "ReceiptHandle": "none"}


def _events(thing: Thing) -> Parameters:
    event = {"timestamp": time.time_ns() // 1_000_000, "message": "access"}
    return {**thing.stream, "logEvents": [event]}


def _policy(thing: Thing) -> Parameters:
    nothing = {"Effect": "Deny", "Action": "sts:GetCallerIdentity", "Resource": "*"}
    return {
        "RoleName": thing.last,
        "PolicyName": "access",
        "PolicyDocument": json.dumps({"Version": "2012-10-17", "Statement": nothing}),
    }


def _function(thing: Thing) -> Parameters:
    return {"FunctionName": thing.arn}


def _alias(thing: Thing) -> Parameters:
    return {**_function(thing), "Name": "access"}


RECIPES: Mapping[str, Recipe] = {
    "dynamodb:GetItem": Recipe("get_item", _of_key),
    "dynamodb:UpdateItem": Recipe(
        "update_item", lambda it: {**_of_key(it), "UpdateExpression": "REMOVE access"}
    ),
    "dynamodb:DeleteItem": Recipe("delete_item", _of_key),
    "dynamodb:PutItem": Recipe(
        "put_item", lambda it: {"TableName": it.table, "Item": it.key}
    ),
    "dynamodb:BatchGetItem": Recipe(
        "batch_get_item", lambda it: {"RequestItems": {it.table: {"Keys": [it.key]}}}
    ),
    "dynamodb:BatchWriteItem": Recipe(
        "batch_write_item",
        lambda it: {"RequestItems": {it.table: [{"DeleteRequest": {"Key": it.key}}]}},
    ),
    "dynamodb:PartiQLSelect": Recipe(
        "execute_statement", lambda it: _statement(it, 'SELECT * FROM "{table}"{key}')
    ),
    "dynamodb:PartiQLInsert": Recipe(
        "execute_statement",
        lambda it: _statement(it, 'INSERT INTO "{table}" VALUE {item}'),
    ),
    "dynamodb:PartiQLUpdate": Recipe(
        "execute_statement",
        lambda it: _statement(it, 'UPDATE "{table}" REMOVE access{key}'),
        (NO_ITEM,),
    ),
    "dynamodb:PartiQLDelete": Recipe(
        "execute_statement", lambda it: _statement(it, 'DELETE FROM "{table}"{key}')
    ),
    "dynamodb:Query": Recipe("query", _query),
    "dynamodb:Scan": Recipe(
        "scan", lambda it: {"TableName": it.table, **it.index, "Limit": 1}
    ),
    "dynamodb:DescribeTable": Recipe(
        "describe_table", lambda it: {"TableName": it.table}
    ),
    "dynamodb:DeleteTable": Recipe(
        "delete_table", lambda it: {"TableName": it.table}, destroys=True
    ),
    "sqs:SendMessage": Recipe(
        "send_message", lambda it: {**it.queue, "MessageBody": "access"}
    ),
    "sqs:ReceiveMessage": Recipe(
        "receive_message", lambda it: {**it.queue, "VisibilityTimeout": 0}
    ),
    "sqs:DeleteMessage": Recipe("delete_message", _handle, (NO_HANDLE,)),
    "sqs:ChangeMessageVisibility": Recipe(
        "change_message_visibility",
        lambda it: {**_handle(it), "VisibilityTimeout": 0},
        (NO_HANDLE,),
    ),
    "sqs:GetQueueAttributes": Recipe("get_queue_attributes", lambda it: it.queue),
    "sqs:SetQueueAttributes": Recipe(
        "set_queue_attributes",
        lambda it: {**it.queue, "Attributes": {"DelaySeconds": "0"}},
    ),
    "sqs:PurgeQueue": Recipe(
        "purge_queue",
        lambda it: it.queue,
        ("AWS.SimpleQueueService.PurgeQueueInProgress",),
    ),
    "sqs:DeleteQueue": Recipe("delete_queue", lambda it: it.queue, destroys=True),
    "logs:CreateLogStream": Recipe(
        "create_log_stream", lambda it: it.stream, ("ResourceAlreadyExistsException",)
    ),
    "logs:PutLogEvents": Recipe(
        "put_log_events", _events, ("ResourceNotFoundException",)
    ),
    "sns:Publish": Recipe(
        "publish", lambda it: {"TopicArn": it.arn, "Message": "access"}
    ),
    # No alias has this name: what is authorised is the function.
    "lambda:GetAlias": Recipe("get_alias", _alias, (NOT_FOUND,)),
    "lambda:UpdateAlias": Recipe("update_alias", _alias, (NOT_FOUND,)),
    "lambda:GetFunction": Recipe("get_function", _function, (NOT_FOUND,)),
    "lambda:UpdateFunctionCode": Recipe(
        "update_function_code",
        lambda it: {**_function(it), "S3Bucket": "access", "S3Key": "no-code"},
        (NOT_FOUND, NO_CODE),
    ),
    "lambda:UpdateFunctionConfiguration": Recipe(
        "update_function_configuration", _function, (NOT_FOUND,)
    ),
    "cloudwatch:DescribeAlarms": Recipe(
        "describe_alarms", lambda it: {"AlarmNames": [it.last]}
    ),
    "cloudwatch:DescribeAlarmHistory": Recipe(
        "describe_alarm_history", lambda it: {"AlarmName": it.last}
    ),
    "lambda:InvokeFunction": Recipe(
        "invoke", lambda it: {"FunctionName": it.arn, "InvocationType": "DryRun"}
    ),
    "iam:PutRolePolicy": Recipe("put_role_policy", _policy, destroys=True),
    "xray:PutTraceSegments": Recipe(
        "put_trace_segments",
        lambda _: {"TraceSegmentDocuments": ["{}"]},
        NOT_EMULATED,
    ),
    "xray:PutTelemetryRecords": Recipe(
        "put_telemetry_records", lambda _: {"TelemetryRecords": []}, NOT_EMULATED
    ),
}
