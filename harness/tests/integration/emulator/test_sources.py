"""Event source mappings: batching windows of queues, and streams of tables."""

import json
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError

from harness.tests.integration.emulator.functions import Functions

LOGS_BODIES = """
    import json, time

    def handler(event, context):
        bodies = [record["body"] for record in event["Records"]]
        print("batch", json.dumps([time.time(), bodies]))
"""
LOGS_CHANGES = """
    import json

    def handler(event, context):
        for record in event["Records"]:
            print("change", json.dumps([record["eventName"], record["dynamodb"]]))
            if record["dynamodb"]["Keys"]["PK"]["S"] == "last":
                print("that was all")
"""


def said(lines: list[str], about: str) -> list[list[object]]:
    """Return what the lines about something hold."""
    told = [line.partition(" ") for line in lines]
    return [json.loads(rest) for first, _, rest in told if first == about]


def test_a_batch_is_gathered_until_it_is_full_or_its_window_ends(
    functions: Functions, session: boto3.Session
) -> None:
    """Of three, one by one, two are a full batch, and the third is late alone.

    The message before them tells that the mapping looks at its queue.
    """
    sqs, name = session.client("sqs"), f"q-{uuid4().hex[:8]}"
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    function = functions.create(LOGS_BODIES)
    session.client("lambda").create_event_source_mapping(
        EventSourceArn=arn["Attributes"]["QueueArn"],
        FunctionName=function.name,
        BatchSize=2,
        MaximumBatchingWindowInSeconds=2,
    )

    sqs.send_message(QueueUrl=url, MessageBody="0")
    function.log(until='["0"]')
    for body in ("1", "2", "3"):
        sqs.send_message(QueueUrl=url, MessageBody=body)

    _, (first, full), (last, late) = said(function.log(until='["3"]'), "batch")
    assert (full, late) == (["1", "2"], ["3"])
    assert isinstance(last, float)
    assert isinstance(first, float)
    assert last - first > 1.5


def test_a_mapping_of_a_fifo_queue_may_have_no_window(
    functions: Functions, session: boto3.Session
) -> None:
    """Neither from the start nor from an update on."""
    sqs, client = session.client("sqs"), session.client("lambda")
    url = sqs.create_queue(
        QueueName=f"q-{uuid4().hex[:8]}.fifo", Attributes={"FifoQueue": "true"}
    )["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    function = functions.create(LOGS_BODIES)
    wanted: dict[str, Any] = {
        "EventSourceArn": arn["Attributes"]["QueueArn"],
        "FunctionName": function.name,
    }
    with pytest.raises(ClientError, match="not supported for FIFO queues"):
        client.create_event_source_mapping(**wanted, MaximumBatchingWindowInSeconds=1)
    mapping = client.create_event_source_mapping(**wanted)["UUID"]

    with pytest.raises(ClientError, match="not supported for FIFO queues"):
        client.update_event_source_mapping(
            UUID=mapping, MaximumBatchingWindowInSeconds=1
        )


def test_a_function_gets_what_changes_in_a_table(
    functions: Functions, session: boto3.Session
) -> None:
    """Each change once and in order, with the images that there are; no more."""
    dynamodb, name = session.client("dynamodb"), f"t-{uuid4().hex[:8]}"
    made = dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "PK", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={
            "StreamEnabled": True,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    )["TableDescription"]
    function = functions.create(LOGS_CHANGES)
    session.client("lambda").create_event_source_mapping(
        EventSourceArn=made["LatestStreamArn"],
        FunctionName=function.name,
        StartingPosition="TRIM_HORIZON",
    )
    # In an event, octets are base64.
    last = {"PK": {"S": "last"}, "l": {"L": [{"M": {"B": {"BS": [b"abc"]}}}]}}
    event = json.loads(json.dumps(last, default=lambda _octets: "YWJj"))
    one, two = ({"PK": {"S": "a"}, "n": {"N": number}} for number in "12")

    for item in (one, one, two):  # the second changes nothing
        dynamodb.put_item(TableName=name, Item=item)
    dynamodb.delete_item(TableName=name, Key={"PK": {"S": "a"}})
    dynamodb.put_item(TableName=name, Item=last)  # type: ignore[arg-type] # it is one

    seen = [
        (kind, change.get("OldImage"), change.get("NewImage"))
        for kind, change in said(function.log(until="that was all"), "change")
        if isinstance(change, dict)
    ]
    assert seen == [
        ("INSERT", None, one),
        ("MODIFY", one, two),
        ("REMOVE", two, None),
        ("INSERT", None, event),
    ]
    streams, stream = session.client("dynamodbstreams"), made["LatestStreamArn"]
    [shard] = streams.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"]
    begin = streams.get_shard_iterator(
        StreamArn=stream,
        ShardId=shard["ShardId"],
        ShardIteratorType="TRIM_HORIZON",
    )["ShardIterator"]
    *_, record = streams.get_records(ShardIterator=begin)["Records"]
    assert record["dynamodb"]["NewImage"] == last


def test_a_mapping_needs_a_stream_that_is_there(
    functions: Functions, session: boto3.Session
) -> None:
    """The one of a table without a stream is none."""
    account = session.client("sts").get_caller_identity()["Account"]
    absent = f"arn:aws:dynamodb:us-east-1:{account}:table/absent/stream/1"
    function = functions.create(LOGS_CHANGES)

    with pytest.raises(ClientError, match=r"tream .*not found"):
        session.client("lambda").create_event_source_mapping(
            EventSourceArn=absent,
            FunctionName=function.name,
            StartingPosition="LATEST",
        )
