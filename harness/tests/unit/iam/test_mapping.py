"""What a call needs, and which calls the mapping refuses."""

from dataclasses import replace

import pytest

from harness.tests.unit.iam.calls import ACCOUNT, KEY, QUEUE, TABLE, a_call, needed
from sam_harness.iam.call import Call, MissingResource, UnknownOperation
from sam_harness.iam.services import authorizations

FUNCTION = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f"
BACKUP = f"{TABLE}/backup/b"
BUS = f"arn:aws:events:eu-west-1:{ACCOUNT}:event-bus/default"


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
        *(
            (
                a_call("dynamodb", operation, **named),
                [(f"dynamodb:{operation}", resource)],
            )
            for operation, named, resource in (
                ("UpdateKinesisStreamingDestination", {"TableName": "t"}, TABLE),
                # It writes the table that it makes as well.
                (
                    "RestoreTableFromBackup",
                    {"BackupArn": BACKUP},
                    f"{TABLE[:-1]}*/backup/*",
                ),
            )
        ),
        (
            a_call("events", "CreateArchive", ArchiveName="a", EventSourceArn=BUS),
            [("events:CreateArchive", f"arn:aws:events:eu-west-1:{ACCOUNT}:archive/*")],
        ),
        (a_call("s3", "ListBuckets"), [("s3:ListAllMyBuckets", "arn:aws:s3:::*")]),
        (a_call("dynamodb", "ListTables"), [("dynamodb:ListTables", TABLE[:-1] + "*")]),
        (
            a_call("iam", "ListRoles", PathPrefix="/team/"),
            [("iam:ListRoles", f"arn:aws:iam::{ACCOUNT}:role/team/")],
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
            a_call("lambda", "GetFunction", FunctionName=f"{FUNCTION}:live"),
            [("lambda:GetFunction", FUNCTION)],
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
        *(
            (
                a_call("s3", "CopyObject", Bucket="b", Key="k", CopySource=source),
                [
                    (f"s3:{action}", "arn:aws:s3:::a/my file"),
                    ("s3:PutObject", "arn:aws:s3:::b/k"),
                ],
            )
            for source, action in (
                ("a/my%20file", "GetObject"),
                ("/a/m%79+file;x?versionId=", "GetObject"),
                ("a%2Fmy%20file?versionId=1", "GetObjectVersion"),
            )
        ),
        (a_call("sts", "GetCallerIdentity"), []),
    ],
)
def test_a_call_needs_what_aws_asks_for(
    call: Call, expected: list[tuple[str, str]]
) -> None:
    """The traps: indexes, batches, transactions, PartiQL, qualifiers, copies."""
    assert needed(call) == expected


@pytest.mark.parametrize(
    ("service", "operation"), [("dynamodb", "Nonsense"), ("kms", "ReEncrypt")]
)
def test_an_unknown_operation_is_an_error(service: str, operation: str) -> None:
    """So that the caller denies it."""
    with pytest.raises(UnknownOperation, match=f"{service}:{operation}"):
        authorizations(a_call(service, operation))


@pytest.mark.parametrize(
    "call",
    [
        a_call("apigateway", "GetRestApis"),
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


@pytest.mark.parametrize(
    ("method", "path", "resource"),
    [
        ("GET", "/restapis/a1/stages", "/restapis/a1/stages"),
        ("PATCH", "/restapis/a1/stages/v1", "/restapis/a1/stages/v1"),
        ("PUT", "/tags/arn:aws:x::/a1", "/tags/arn%3Aaws%3Ax%3A%3A%2Fa1"),
    ],
)
def test_api_gateway_s_permissions_are_methods_on_paths(
    method: str, path: str, resource: str
) -> None:
    """Whatever the operation is called; a tagged resource's ARN is one part of it."""
    call = replace(a_call("apigateway", "Any"), method=method, path=path)

    assert needed(call) == [
        (f"apigateway:{method}", f"arn:aws:apigateway:eu-west-1::{resource}")
    ]


def test_api_gateway_s_request_has_the_condition_keys_of_its_tags() -> None:
    """As other services' calls that make something with tags."""
    call = a_call("apigateway", "CreateRestApi", name="n", tags={"team": "red"})

    [needed] = authorizations(replace(call, method="POST", path="/restapis"))

    assert needed.context == {"aws:RequestTag/team": ("red",), "aws:TagKeys": ("team",)}
