"""What DynamoDB refuses of an item's values."""

from typing import Any

import pytest

from sam_harness.localstack.corrections.dynamodb.requests import check

TEXT = {"S": "x"}


def put(**request: Any) -> None:  # noqa: ANN401 - parameters of boto3
    """Check a request about a table that is not there, and so has no keys."""
    check("PutItem", {"TableName": "absent", **request}, lambda _: None)


def nested(levels: int) -> dict[str, Any]:
    """Return a text inside of so many maps and lists."""
    value: dict[str, Any] = TEXT
    for level in range(levels):
        value = {"M": {"": value}} if level % 2 else {"L": [value]}
    return value


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (TEXT | {"N": "1"}, "more than one datatypes"),
        ({}, "is empty"),
        ({"L": [{"M": {"a": {}}}]}, "is empty"),
        (nested(33), "Nesting Levels"),
    ],
)
def test_a_value_that_dynamodb_refuses_is_refused(
    value: dict[str, Any], reason: str
) -> None:
    """In an item, and where an item is compared with it."""
    with pytest.raises(ValueError, match=reason):
        put(Item={"a": value})
    with pytest.raises(ValueError, match=reason):
        put(
            Item={},
            ConditionExpression="a = :v",
            ExpressionAttributeValues={":v": value},
        )


def test_an_attribute_has_a_name() -> None:
    """And 32 levels, at most."""
    put(Item={"a": nested(32), "b": TEXT})
    with pytest.raises(ValueError, match="empty name"):
        put(Item={"": TEXT})
