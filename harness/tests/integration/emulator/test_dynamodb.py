"""DynamoDB by moto: what the services under test rely on."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError


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


def test_an_update_of_a_key_alone_is_answered(
    session: boto3.Session, table: str
) -> None:
    """The item has that key then, and nothing else."""
    dynamodb, key = session.client("dynamodb"), {"PK": {"S": "one"}}

    answer = dynamodb.update_item(TableName=table, Key=key, ReturnValues="ALL_NEW")

    assert answer["Attributes"] == key
    assert dynamodb.get_item(TableName=table, Key=key)["Item"] == key


def test_a_reader_gets_the_attributes_that_it_asks_for(
    session: boto3.Session, table: str
) -> None:
    """In a transaction, by an older parameter, and of an item with a Binary.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Get.html
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LegacyConditionalParameters.AttributesToGet.html
    """
    dynamodb: Any = session.client("dynamodb")
    inner = {"b": {"B": b"\xff"}, "c": {"S": "left out"}}
    item = {"PK": {"S": "one"}, "n": {"N": "1"}, "l": {"L": [{"M": inner}] * 2}}
    dynamodb.put_item(TableName=table, Item=item)
    one = {"TableName": table, "Key": {"PK": {"S": "one"}}}
    asked = {"ProjectionExpression": "#n, l[1].b, none_such"}
    named = {**one, **asked, "ExpressionAttributeNames": {"#n": "n"}}
    older = {"AttributesToGet": ["n", "none_such"]}
    equal = {"AttributeValueList": [item["PK"]], "ComparisonOperator": "EQ"}
    many = {table: {"Keys": [one["Key"]], **older}}

    gets = [named, one, {**named, "Key": {"PK": {"S": "none"}}}]
    told = dynamodb.transact_get_items(TransactItems=[{"Get": get} for get in gets])

    wanted = {"n": item["n"], "l": {"L": [{"M": {"b": inner["b"]}}]}}
    assert told["Responses"] == [{"Item": wanted}, {"Item": item}, {}]
    assert dynamodb.get_item(**named)["Item"] == wanted
    number = {"n": item["n"]}
    assert dynamodb.get_item(**one, **older)["Item"] == number
    assert dynamodb.batch_get_item(RequestItems=many)["Responses"] == {table: [number]}
    assert dynamodb.scan(TableName=table, **older)["Items"] == [number]
    found = dynamodb.query(TableName=table, KeyConditions={"PK": equal}, **older)
    assert found["Items"] == [number]
    with pytest.raises(ClientError, match="Can not use both expression and non-expr"):
        dynamodb.scan(TableName=table, **asked, **older)


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
