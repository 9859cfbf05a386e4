"""DynamoDB by moto: what the services under test rely on."""

from uuid import uuid4

import boto3
import pytest


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
