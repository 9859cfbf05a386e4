"""UPDATE statements: what they stand for, and what moto makes of a batch of them."""

from typing import TYPE_CHECKING

import boto3
import pytest

from sam_harness.localstack.corrections.dynamodb import install
from sam_harness.localstack.corrections.partiql_update import translate, updated_table

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import (
        BatchStatementRequestTypeDef,
        BatchStatementResponseTypeDef,
    )

STATEMENT = 'UPDATE "a-table" SET "status" = ? SET "at" = ? WHERE "PK" = ? AND "n" = ?'


def test_an_update_becomes_update_item() -> None:
    """Repeated SET clauses are one; the key is no condition; the item must exist."""
    texts = ("APPROVED", "now", "one", "PENDING")

    update = translate(STATEMENT, [{"S": text} for text in texts], ["PK"])

    assert update.table == "a-table"
    assert update.key == {"PK": {"S": "one"}}
    assert update.update.split() == ["SET", "#n0", "=", ":v0", ",", "#n1", "=", ":v1"]
    assert update.condition == "attribute_exists(#n2) AND #n3 = :v3"
    assert update.names == {"#n0": "status", "#n1": "at", "#n2": "PK", "#n3": "n"}
    values = {":v0": "APPROVED", ":v1": "now", ":v3": "PENDING"}
    assert update.values == {name: {"S": text} for name, text in values.items()}


def test_literals_and_bare_names_are_understood() -> None:
    """A text may hold what looks like a clause."""
    update = translate(
        "update t set a = 'it''s where' remove b where PK = 'x' and size(c) > 5",
        [],
        ["PK"],
    )

    assert update.values == {":v0": {"S": "it's where"}, ":v2": {"N": "5"}}
    assert update.update.split() == ["SET", "#n0", "=", ":v0", "REMOVE", "#n1"]
    assert update.condition.endswith("AND size ( #n3 ) > :v2")


@pytest.mark.parametrize("where", ["c = 1", "PK = 'x' OR c = 1", "PK > 'x'"])
def test_an_update_must_name_one_item(where: str) -> None:
    """AWS calls that a validation error."""
    with pytest.raises(ValueError, match="mandatory equality"):
        translate(f"UPDATE t SET a = 1 WHERE {where}", [], ["PK"])  # noqa: S608 - it reaches no table


@pytest.mark.parametrize(
    "statement", ["SELECT * FROM t WHERE PK = 'x'", "UPDATE t SET a = 1", "updated"]
)
def test_other_statements_are_none(statement: str) -> None:
    """They are left to moto."""
    assert updated_table(statement) is None
    with pytest.raises(ValueError, match="not an UPDATE"):
        translate(statement, [], ["PK"])


@pytest.fixture
def dynamodb(empty_aws: None) -> "DynamoDBClient":
    """Return a client of a table with two items."""
    del empty_aws  # by now
    install()
    client = boto3.client("dynamodb")
    client.create_table(
        TableName="a-table",
        KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "PK", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for name, n in (("one", "1"), ("two", "2")):
        client.put_item(TableName="a-table", Item={"PK": {"S": name}, "n": {"N": n}})
    return client


def _batch(
    client: "DynamoDBClient", *names: str, table: str = "a-table"
) -> list["BatchStatementResponseTypeDef"]:
    """Set status and time of items whose n is 1; return the statements' answers."""
    statements: list[BatchStatementRequestTypeDef] = [
        {
            "Statement": STATEMENT.replace("a-table", table),
            "Parameters": [{"S": "OK"}, {"S": "now"}, {"S": name}, {"N": "1"}],
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        for name in names
    ]
    answer = client.batch_execute_statement(Statements=statements)
    return answer["Responses"]


def test_a_failed_condition_is_the_error_of_its_statement(
    dynamodb: "DynamoDBClient",
) -> None:
    """With the stored item where there is one; the other statements are executed."""
    refused, done, gone = _batch(dynamodb, "two", "one", "three")

    assert done == {"TableName": "a-table"}
    assert refused["Error"] == {
        "Code": "ConditionalCheckFailed",
        "Message": "The conditional request failed",
        "Item": {"PK": {"S": "two"}, "n": {"N": "2"}},
    }
    assert gone["Error"]["Code"] == "ConditionalCheckFailed"
    assert "Item" not in gone["Error"]
    items = {
        item["PK"]["S"]: item for item in dynamodb.scan(TableName="a-table")["Items"]
    }
    assert items["one"]["status"] == {"S": "OK"}
    assert "status" not in items["two"]
    assert len(items) == 2


def test_a_missing_table_and_a_missing_key_are_errors_of_their_statement(
    dynamodb: "DynamoDBClient",
) -> None:
    """The call itself succeeds."""
    [missing] = _batch(dynamodb, "one", table="another")
    answer = dynamodb.batch_execute_statement(
        Statements=[{"Statement": "UPDATE \"a-table\" SET a = 'b' WHERE c = 'd'"}]
    )

    assert missing["Error"]["Code"] == "ResourceNotFound"
    assert answer["Responses"][0]["Error"]["Code"] == "ValidationError"


def test_other_statements_are_answered_by_moto(
    dynamodb: "DynamoDBClient",
) -> None:
    """In the same place of the batch's answer."""
    answer = dynamodb.batch_execute_statement(
        Statements=[
            {
                "Statement": 'SELECT * FROM "another" WHERE "PK" = ?',
                "Parameters": [{"S": "none"}],
            }
        ]
    )

    assert answer["Responses"][0]["Error"]["Code"] == "ResourceNotFound"
