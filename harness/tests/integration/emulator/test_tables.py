"""DynamoDB's tables: how they are made and changed, and what their streams tell."""

from contextlib import suppress
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError


def enable_stream(session: boto3.Session, table: str, view: str) -> tuple[str, str]:
    """Return the ARN of the table's new stream, and an iterator from its beginning."""
    streams = session.client("dynamodbstreams")
    enabled: Any = {"StreamEnabled": True, "StreamViewType": view}
    made = session.client("dynamodb").update_table(
        TableName=table, StreamSpecification=enabled
    )
    arn = made["TableDescription"]["LatestStreamArn"]
    [shard] = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    begin = streams.get_shard_iterator(
        StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )
    return arn, begin["ShardIterator"]


def test_an_update_that_makes_an_item_is_one_event_of_the_stream(
    session: boto3.Session, table: str
) -> None:
    """LocalStack told of it twice, once without attributes, and of one that failed."""
    dynamodb, streams = session.client("dynamodb"), session.client("dynamodbstreams")
    _, iterator = enable_stream(session, table, "NEW_AND_OLD_IMAGES")
    change: Any = {"TableName": table, "UpdateExpression": "ADD n :n"}
    for key, value in (("failed", {"S": "1"}), ("made", {"N": "1"})):
        with suppress(ClientError):
            dynamodb.update_item(
                **change,
                Key={"PK": {"S": key}},
                ExpressionAttributeValues={":n": value},
            )

    [told] = streams.get_records(ShardIterator=iterator)["Records"]

    assert told["eventName"] == "INSERT"
    assert told["dynamodb"]["NewImage"] == {"PK": {"S": "made"}, "n": {"N": "1"}}


def test_a_reader_of_a_stream_goes_on_after_a_transaction_that_failed(
    session: boto3.Session, table: str
) -> None:
    """Without what was undone: moto puts a copy of the table in its place.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
    """
    dynamodb, streams = session.client("dynamodb"), session.client("dynamodbstreams")
    _, iterator = enable_stream(session, table, "KEYS_ONLY")
    put: Any = {"TableName": table, "ConditionExpression": "attribute_not_exists(PK)"}
    dynamodb.put_item(TableName=table, Item={"PK": {"S": "before"}})
    with pytest.raises(ClientError, match="TransactionCanceledException"):
        dynamodb.transact_write_items(
            TransactItems=[
                {"Put": put | {"Item": {"PK": {"S": key}}}}
                for key in ("undone", "before")
            ]
        )

    first = streams.get_records(ShardIterator=iterator)
    dynamodb.put_item(TableName=table, Item={"PK": {"S": "after"}})
    second = streams.get_records(ShardIterator=first["NextShardIterator"])

    records = [*first["Records"], *second["Records"]]
    keys = [one["dynamodb"]["Keys"]["PK"]["S"] for one in records]
    assert keys == ["before", "after"]


def test_a_table_is_written_to_when_its_stream_is_disabled(
    session: boto3.Session, table: str
) -> None:
    """What was written before can be read; the stream that follows is another.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
    """
    dynamodb, streams = session.client("dynamodb"), session.client("dynamodbstreams")
    arns, iterators = [], []
    for _ in range(2):
        arn, iterator = enable_stream(session, table, "KEYS_ONLY")
        arns.append(arn)
        iterators.append(iterator)
        dynamodb.put_item(TableName=table, Item={"PK": {"S": arn}})
        dynamodb.update_table(
            TableName=table, StreamSpecification={"StreamEnabled": False}
        )
        key: Any = {"PK": {"S": f"after {arn}"}}
        dynamodb.put_item(TableName=table, Item=key)
        dynamodb.update_item(
            TableName=table,
            Key=key,
            UpdateExpression="SET n = :n",
            ExpressionAttributeValues={":n": {"N": "1"}},
        )
        dynamodb.delete_item(TableName=table, Key=key)

    told = [
        [
            record["dynamodb"]["Keys"]["PK"]["S"]
            for record in streams.get_records(ShardIterator=one)["Records"]
        ]
        for one in iterators
    ]
    assert told == [arns[:1], arns[1:]]
    assert arns[0] != arns[1]


def test_an_update_makes_one_index_and_keeps_what_it_does_not_say(
    session: boto3.Session, table: str
) -> None:
    """The key of the table stays defined, though only the index's is told."""
    once = Config(retries={"total_max_attempts": 1})
    dynamodb = session.client("dynamodb", config=once)
    new: Any = {
        "IndexName": "by-n",
        "KeySchema": [{"AttributeName": "n", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
    }
    asked: Any = {
        "TableName": table,
        "AttributeDefinitions": [{"AttributeName": "n", "AttributeType": "N"}],
    }
    with pytest.raises(ClientError, match=r"LimitExceeded.* Only 1 online index"):
        dynamodb.update_table(
            GlobalSecondaryIndexUpdates=[
                {"Create": new},
                {"Create": new | {"IndexName": "other"}},
            ],
            **asked,
        )
    with pytest.raises(ClientError, match=r"Validation.*indexName' failed to satisfy"):
        dynamodb.update_table(
            GlobalSecondaryIndexUpdates=[{"Create": new | {"IndexName": "a b"}}],
            **asked,
        )

    with pytest.raises(dynamodb.exceptions.ResourceNotFoundException):
        dynamodb.update_table(
            TableName=table,
            GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "by-n"}}],
        )

    changed = dynamodb.update_table(
        GlobalSecondaryIndexUpdates=[{"Create": new}], **asked
    )

    kept = dynamodb.describe_table(TableName=table)["Table"]["AttributeDefinitions"]
    assert {one["AttributeName"] for one in kept} == {"PK", "n"}
    assert changed["TableDescription"]["AttributeDefinitions"] == kept


def test_the_expiry_of_a_table_that_is_not_there_is_not_found(
    session: boto3.Session,
) -> None:
    """By the code that clients catch."""
    dynamodb, missing = session.client("dynamodb"), "not-there"
    expires: Any = {"Enabled": True, "AttributeName": "t"}

    with pytest.raises(dynamodb.exceptions.ResourceNotFoundException):
        dynamodb.update_time_to_live(TableName=missing, TimeToLiveSpecification=expires)
    with pytest.raises(dynamodb.exceptions.ResourceNotFoundException):
        dynamodb.describe_time_to_live(TableName=missing)


def test_a_table_that_dynamodb_does_not_make_is_a_validation_error(
    session: boto3.Session,
) -> None:
    """Of two partition keys: moto makes it."""
    names = ("a", "b")
    with pytest.raises(ClientError, match=r"ValidationException.* not a RANGE key"):
        session.client("dynamodb").create_table(
            TableName=f"table-{uuid4().hex[:8]}",
            KeySchema=[{"AttributeName": one, "KeyType": "HASH"} for one in names],
            AttributeDefinitions=[
                {"AttributeName": one, "AttributeType": "S"} for one in names
            ],
            BillingMode="PAY_PER_REQUEST",
        )
