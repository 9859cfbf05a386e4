"""DynamoDB by moto: what the services under test rely on."""

from contextlib import suppress
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError


@pytest.fixture
def table(session: boto3.Session) -> str:
    """Return an empty table of the test's own."""
    name = f"table-{uuid4().hex[:8]}"
    session.client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "PK", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return name


def test_a_failed_condition_returns_the_stored_item(
    session: boto3.Session, table: str
) -> None:
    """ReturnValuesOnConditionCheckFailure=ALL_OLD, without a second request."""
    dynamodb = session.client("dynamodb")
    stored = {"PK": {"S": "REFUND#1"}, "amount": {"N": "49.9"}}
    dynamodb.put_item(TableName=table, Item=stored)

    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException) as refused:
        dynamodb.put_item(
            TableName=table,
            Item={"PK": {"S": "REFUND#1"}, "amount": {"N": "1"}},
            ConditionExpression="attribute_not_exists(PK)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )

    # The stubs know of no Item beside the error.
    assert dict(refused.value.response)["Item"] == stored
    assert (
        dynamodb.get_item(TableName=table, Key={"PK": {"S": "REFUND#1"}})["Item"]
        == stored
    )


def test_a_batch_of_updates_reports_each_failed_condition(
    session: boto3.Session, table: str
) -> None:
    """By statement, with the stored item: the call itself succeeds."""
    dynamodb = session.client("dynamodb")
    stored = {"PK": {"S": "done"}, "status": {"S": "APPROVED"}}
    dynamodb.put_item(TableName=table, Item=stored)
    dynamodb.put_item(
        TableName=table, Item={"PK": {"S": "open"}, "status": {"S": "PENDING"}}
    )

    statement = (
        'UPDATE "a-table" SET "status" = ? SET "at" = ? WHERE "PK" = ? AND "status" = ?'
    )

    answer = dynamodb.batch_execute_statement(
        Statements=[
            {
                "Statement": statement.replace("a-table", table),
                "Parameters": [{"S": text} for text in ("OK", "now", name, "PENDING")],
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
            for name in ("done", "open", "none")
        ]
    )

    done, opened, none = answer["Responses"]
    assert "Error" not in opened
    assert done["Error"]["Code"] == none["Error"]["Code"] == "ConditionalCheckFailed"
    assert done["Error"]["Item"] == stored
    assert "Item" not in none["Error"]
    written = dynamodb.get_item(TableName=table, Key={"PK": {"S": "open"}})["Item"]
    assert (written["status"], written["at"]) == ({"S": "OK"}, {"S": "now"})


def test_a_request_that_aws_refuses_is_a_validation_error(
    session: boto3.Session, table: str
) -> None:
    """And a number is stored as DynamoDB keeps it, in the caller's account."""
    dynamodb, item = session.client("dynamodb"), {"PK": {"S": "one"}}
    for refused in (
        {"Item": item | {"n": {"N": "1" * 39}}},
        {"Item": {"PK": {"S": ""}}},
        {
            "Item": item,
            "ConditionExpression": "attribute_not_exists(PK)",
            "ExpressionAttributeValues": {":unused": {"S": "x"}},
        },
        {"Item": item, "ConditionExpression": "n = :nope"},
        {"Item": item, "ConditionExpression": "((attribute_exists(PK)))"},
    ):
        with pytest.raises(ClientError, match="ValidationException"):
            dynamodb.put_item(TableName=table, **refused)
    writes = [{"PutRequest": {"Item": {"PK": {"S": str(n)}}}} for n in range(26)]
    with pytest.raises(ClientError, match="less than or equal to 25"):
        dynamodb.batch_write_item(RequestItems={table: writes})  # type: ignore[dict-item] # they are such
    with pytest.raises(ClientError, match="starting key is invalid"):
        dynamodb.scan(TableName=table, ExclusiveStartKey={"n": {"N": "1"}})

    dynamodb.put_item(TableName=table, Item=item | {"n": {"N": "00012.500"}})

    assert dynamodb.scan(TableName=table)["Items"] == [item | {"n": {"N": "12.5"}}]


def test_an_answer_has_only_what_was_asked_for(
    session: boto3.Session, table: str
) -> None:
    """No old attributes where there was no item, no capacity without a wish.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteItem.html
    """
    dynamodb, one, old = session.client("dynamodb"), {"PK": {"S": "one"}}, "ALL_OLD"
    change: Any = {
        "TableName": table,
        "Key": one,
        "UpdateExpression": "SET n = :n",
        "ExpressionAttributeValues": {":n": {"N": "1"}},
    }
    answers = [
        dynamodb.delete_item(TableName=table, Key=one, ReturnValues=old),  # type: ignore[arg-type] # it is one
        dynamodb.put_item(TableName=table, Item=one, ReturnValues=old),  # type: ignore[arg-type] # as above
        dynamodb.update_item(**change),
        dynamodb.transact_write_items(TransactItems=[{"Update": change}]),
    ]

    assert [answer.keys() for answer in answers] == [{"ResponseMetadata"}] * 4
    asked = dynamodb.delete_item(
        TableName=table,
        Key=one,
        ReturnValues="ALL_OLD",
        ReturnConsumedCapacity="TOTAL",
    )
    assert asked["Attributes"] == one | {"n": {"N": "1"}}
    assert asked["ConsumedCapacity"]["CapacityUnits"]


def test_a_token_makes_one_transaction_of_repeats(
    session: boto3.Session, table: str
) -> None:
    """Another transaction with a token that was used is refused."""
    dynamodb = session.client("dynamodb")

    def count(key: str) -> None:
        update = {
            "TableName": table,
            "Key": {"PK": {"S": key}},
            "UpdateExpression": "ADD n :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        }
        dynamodb.transact_write_items(
            TransactItems=[{"Update": update}],  # type: ignore[typeddict-item] # it is one
            ClientRequestToken=f"token-{table}",
        )

    count("a")
    count("a")
    with pytest.raises(ClientError, match="IdempotentParameterMismatchException"):
        count("b")

    [item] = dynamodb.scan(TableName=table)["Items"]
    assert item == {"PK": {"S": "a"}, "n": {"N": "1"}}
    insert = {"Statement": f"INSERT INTO \"{table}\" VALUE {{'PK': 'c'}}"}
    for _ in range(2):
        dynamodb.execute_transaction(
            TransactStatements=[insert],  # type: ignore[list-item] # it is one
            ClientRequestToken=f"other-{table}",
        )
    with pytest.raises(ClientError, match="TransactionCanceledException"):
        dynamodb.execute_transaction(TransactStatements=[insert])  # type: ignore[list-item] # as above


def test_a_statement_reads_and_inserts(session: boto3.Session, table: str) -> None:
    """By the harness's own reading of it, as the gate decides."""
    dynamodb = session.client("dynamodb")
    insert = f"INSERT INTO \"{table}\" VALUE {{'PK': ?, 'n': 007}}"
    dynamodb.execute_statement(Statement=insert, Parameters=[{"S": "x"}])
    with pytest.raises(ClientError, match="DuplicateItemException"):
        dynamodb.execute_statement(Statement=insert, Parameters=[{"S": "x"}])

    select = f"SELECT n FROM \"{table}\" WHERE PK='x' AND n > 6"  # noqa: S608 - this test named the table
    assert dynamodb.execute_statement(Statement=select)["Items"] == [{"n": {"N": "7"}}]


def test_a_limit_that_is_reached_leaves_a_key_to_go_on(
    session: boto3.Session, table: str
) -> None:
    """Also at the end, which DynamoDB does not look for; a count has no items.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html
    """
    dynamodb, one = session.client("dynamodb"), {"PK": {"S": "one"}}
    dynamodb.put_item(TableName=table, Item=one | {"n": {"N": "1"}})

    reached = dynamodb.scan(TableName=table, Limit=1)
    assert reached["LastEvaluatedKey"] == one
    rest = dynamodb.scan(TableName=table, Limit=1, ExclusiveStartKey=one)
    assert (rest["Items"], "LastEvaluatedKey" in rest) == ([], False)
    assert "LastEvaluatedKey" not in dynamodb.scan(TableName=table, Limit=2)
    counted = dynamodb.scan(TableName=table, Select="COUNT")
    assert (counted["Count"], "Items" in counted) == (1, False)
    keyed: Any = {
        "TableName": table,
        "KeyConditionExpression": "PK = :one",
        "ExpressionAttributeValues": {":one": one["PK"]},
    }
    for limit in (1, 2):
        answers = [
            dynamodb.query(**keyed, Limit=limit, Select="COUNT"),
            dynamodb.query(**keyed, Limit=limit, ProjectionExpression="n"),
            dynamodb.scan(TableName=table, Limit=limit, Select="COUNT"),
            dynamodb.scan(
                TableName=table,
                Limit=limit,
                FilterExpression="n = :no",
                ExpressionAttributeValues={":no": {"N": "0"}},
            ),
        ]
        told = [answer.get("LastEvaluatedKey") for answer in answers]
        assert told == [one if limit == 1 else None] * 4


def test_an_update_that_makes_an_item_is_one_event_of_the_stream(
    session: boto3.Session, table: str
) -> None:
    """LocalStack told of it twice, once without attributes, and of one that failed."""
    dynamodb, streams = session.client("dynamodb"), session.client("dynamodbstreams")
    made = dynamodb.update_table(
        TableName=table,
        StreamSpecification={
            "StreamEnabled": True,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    )
    arn = made["TableDescription"]["LatestStreamArn"]
    change: Any = {"TableName": table, "UpdateExpression": "ADD n :n"}
    for key, value in (("failed", {"S": "1"}), ("made", {"N": "1"})):
        with suppress(ClientError):
            dynamodb.update_item(
                **change,
                Key={"PK": {"S": key}},
                ExpressionAttributeValues={":n": value},
            )

    [shard] = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    begin = streams.get_shard_iterator(
        StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )
    [told] = streams.get_records(ShardIterator=begin["ShardIterator"])["Records"]

    assert told["eventName"] == "INSERT"
    assert told["dynamodb"]["NewImage"] == {"PK": {"S": "made"}, "n": {"N": "1"}}


def test_a_reader_of_a_stream_goes_on_after_a_transaction_that_failed(
    session: boto3.Session, table: str
) -> None:
    """Without what was undone: moto puts a copy of the table in its place.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
    """
    dynamodb, streams = session.client("dynamodb"), session.client("dynamodbstreams")
    made = dynamodb.update_table(
        TableName=table,
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
    )
    arn = made["TableDescription"]["LatestStreamArn"]
    [shard] = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    iterator = streams.get_shard_iterator(
        StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
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
    enabled: Any = {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
    arns, iterators = [], []
    for _ in range(2):
        made = dynamodb.update_table(TableName=table, StreamSpecification=enabled)
        arns.append(made["TableDescription"]["LatestStreamArn"])
        stream = streams.describe_stream(StreamArn=arns[-1])["StreamDescription"]
        begin = streams.get_shard_iterator(
            StreamArn=arns[-1],
            ShardId=stream["Shards"][0]["ShardId"],
            ShardIteratorType="TRIM_HORIZON",
        )
        iterators.append(begin["ShardIterator"])
        dynamodb.put_item(TableName=table, Item={"PK": {"S": arns[-1]}})
        dynamodb.update_table(
            TableName=table, StreamSpecification={"StreamEnabled": False}
        )
        key: Any = {"PK": {"S": f"after {arns[-1]}"}}
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

    changed = dynamodb.update_table(
        GlobalSecondaryIndexUpdates=[{"Create": new}], **asked
    )

    kept = dynamodb.describe_table(TableName=table)["Table"]["AttributeDefinitions"]
    assert {one["AttributeName"] for one in kept} == {"PK", "n"}
    assert changed["TableDescription"]["AttributeDefinitions"] == kept


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
