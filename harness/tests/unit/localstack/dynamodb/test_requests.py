"""What DynamoDB refuses in a request, and how it keeps numbers."""

from typing import Any

import pytest
from botocore.session import Session

from sam_harness.localstack.corrections import constraints
from sam_harness.localstack.corrections.dynamodb.requests import check, normalised

TABLE: dict[str, Any] = {
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "AttributeDefinitions": [
        {"AttributeName": "pk", "AttributeType": "S"},
        {"AttributeName": "g", "AttributeType": "S"},
    ],
    "Indexes": [
        {"IndexName": "gix", "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}]}
    ],
}
KEY = {"pk": {"S": "a"}}
OTHER: dict[str, Any] = {"TableName": "other"}


def checked(operation: str, **request: Any) -> None:  # noqa: ANN401 - parameters of boto3
    """Check a request about the table ``t``."""
    check(operation, request, lambda name: TABLE if name == "t" else None)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("00012.500", "12.5"),
        ("-0.00", "0"),
        ("1e3", "1000"),
        ("-1.50e-2", "-0.015"),
        ("1" * 38, "1" * 38),
        ("9.9e125", "99" + "0" * 124),
        ("+7", "7"),
    ],
)
def test_a_number_is_kept_without_what_says_nothing(given: str, kept: str) -> None:
    """In a document, a list and a set, too; a text and a name stay."""
    values = {"a": {"N": given}, "b": {"L": [{"M": {"N": {"N": given}}}]}}
    same = {"a": {"N": kept}, "b": {"L": [{"M": {"N": {"N": kept}}}]}}
    assert normalised(values) == same
    assert normalised({"NS": [given, "17"]}) == {"NS": [kept, "17"]}
    assert normalised({"S": given, "#N": "N"}) == {"S": given, "#N": "N"}


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("1" * 39, "38 significant digits"),
        ("1e126", "overflow"),
        ("1e-131", "underflow"),
        ("1_000", "cannot be converted"),
        ("abc", "cannot be converted"),
        ("", "cannot be converted"),
        ("NaN", "cannot be converted"),
        ("1e9999999999", "cannot be converted"),
    ],
)
def test_what_dynamodb_cannot_keep_is_refused(number: str, reason: str) -> None:
    """Wherever it stands."""
    with pytest.raises(ValueError, match=reason):
        normalised({"Item": {"a": {"L": [{"N": number}]}}})
    with pytest.raises(ValueError, match="duplicates"):
        normalised({"NS": ["1", "1.0"]})


@pytest.mark.parametrize(
    ("operation", "name", "one", "most"),
    [
        ("BatchWriteItem", "RequestItems", {"PutRequest": {"Item": KEY}}, 25),
        ("BatchGetItem", "RequestItems", KEY, 100),
        ("TransactWriteItems", "TransactItems", {"Put": {"Item": KEY} | OTHER}, 100),
        ("TransactGetItems", "TransactItems", {"Get": {"Key": KEY} | OTHER}, 100),
        ("BatchExecuteStatement", "Statements", {"Statement": "s"}, 25),
        ("ExecuteTransaction", "TransactStatements", {"Statement": "s"}, 100),
    ],
)
def test_a_request_has_so_many_at_most_and_one_at_least(
    operation: str, name: str, one: dict[str, Any], most: int
) -> None:
    """Over all its tables, as its description and its check say together."""
    described = Session().get_service_model("dynamodb").operation_model(operation)

    def looked_at(**request: Any) -> None:  # noqa: ANN401 - parameters of boto3
        constraints.check(described, request)
        checked(operation, **request)

    for count in (0, 1, most, most + 1):
        listed: Any = [one] * count
        if operation == "BatchGetItem":
            parts = {"t": listed[1:], "u": listed[:1]}
            listed = {name: {"Keys": keys} for name, keys in parts.items() if keys}
        elif name == "RequestItems":
            # Tables that are not there: writes of one item would be refused for that.
            parts = {"v": listed[1:], "u": listed[:1]}
            listed = {name: writes for name, writes in parts.items() if writes}
        if 1 <= count <= most:
            looked_at(**{name: listed})
            continue
        with pytest.raises(ValueError, match="than or equal to"):
            looked_at(**{name: listed})


PUT = {"TableName": "t", "Item": KEY}
QUERY = {"TableName": "t", "KeyConditionExpression": "pk = :a"}
A = {"ExpressionAttributeValues": {":a": {"S": "a"}}}


@pytest.mark.parametrize(
    ("operation", "request_", "reason"),
    [
        ("PutItem", PUT | A, "only be specified when using expressions"),
        ("PutItem", PUT | A | {"ConditionExpression": "pk <> b"}, "unused .*{:a}"),
        ("PutItem", PUT | {"ConditionExpression": "v = :no"}, "value: :no"),
        ("PutItem", PUT | {"ConditionExpression": " "}, "can not be empty"),
        ("PutItem", PUT | A | {"ConditionExpression": "my-v = :a"}, 'token: "-"'),
        ("PutItem", PUT | A | {"ConditionExpression": "v != :a"}, 'token: "!"'),
        ("Scan", {"TableName": "t", "ProjectionExpression": "a/b"}, 'token: "/"'),
        ("PutItem", PUT | {"ConditionExpression": "#no = v"}, "name: #no"),
        ("PutItem", {"TableName": "t", "Item": {"pk": {"S": ""}}}, "empty string"),
        ("PutItem", {"TableName": "t", "Item": {"g": {"S": "a"}}}, "the key pk"),
        ("PutItem", {"TableName": "t", "Item": {"pk": {"N": "1"}}}, "of type S"),
        ("PutItem", PUT | {"Item": KEY | {"g": {"N": "1"}}}, "Index Key g .*gix"),
        ("GetItem", {"TableName": "t", "Key": {"pk": {"S": ""}}}, "empty string"),
        ("GetItem", {"TableName": "t", "Key": {}}, "does not match the schema"),
        ("DeleteItem", {"TableName": "t", "Key": KEY | {"x": {"S": "y"}}}, "schema"),
        ("UpdateItem", {"TableName": "t", "Key": {"pk": {"N": "1"}}}, "schema"),
        ("Query", QUERY | A | {"FilterExpression": "pk <> b"}, "non-primary key"),
        ("Query", QUERY | A | {"ExclusiveStartKey": {"x": {"S": "1"}}}, "starting key"),
        ("Scan", {"TableName": "t", "ExclusiveStartKey": {}}, "starting key"),
        ("Query", QUERY | A | {"IndexName": "no"}, "have the specified index: no"),
        (
            "Scan",
            {"TableName": "t", "IndexName": "gix", "ExclusiveStartKey": KEY},
            "starting key",
        ),
        (
            "TransactWriteItems",
            {"TransactItems": [{"Delete": {"TableName": "t", "Key": {}}}]},
            "schema",
        ),
        ("TransactWriteItems", {"TransactItems": [{}]}, "only contain one of"),
        (
            "TransactWriteItems",
            {"TransactItems": [{"Put": PUT, "Delete": {"TableName": "t", "Key": KEY}}]},
            "only contain one of",
        ),
        (
            "BatchWriteItem",
            {"RequestItems": {"t": [{"PutRequest": {"Item": {"pk": {"S": ""}}}}]}},
            "empty string",
        ),
        (
            "BatchWriteItem",
            {
                "RequestItems": {
                    "t": [
                        {"PutRequest": {"Item": KEY | {"v": {"N": "1"}}}},
                        {"DeleteRequest": {"Key": KEY}},
                    ]
                }
            },
            "duplicates",
        ),
        ("BatchGetItem", {"RequestItems": {"t": {"Keys": [{}]}}}, "schema"),
        (
            "Query",
            QUERY | {"ExpressionAttributeValues": {":a": {"N": "1"}}},
            "schema type",
        ),
    ],
)
def test_a_request_that_aws_refuses_is_refused(
    operation: str, request_: dict[str, Any], reason: str
) -> None:
    """With the reason that AWS gives."""
    with pytest.raises(ValueError, match=reason):
        checked(operation, **request_)


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("PutItem", PUT | {"Item": KEY | {"g": {"S": "1"}, "e": {"S": ""}}}),
        ("PutItem", {"TableName": "absent", "Item": {}}),
        (
            "Query",
            QUERY | A | {"FilterExpression": "size(v) > v", "ExclusiveStartKey": KEY},
        ),
        ("Query", QUERY | A | {"FilterExpression": "m.pk = v AND g = v"}),
        (
            "Scan",
            {
                "TableName": "t",
                "IndexName": "gix",
                "ExclusiveStartKey": KEY | {"g": {"S": ""}},
            },
        ),
        ("UpdateItem", {"TableName": "t", "Key": KEY, "UpdateExpression": "SET g = g"}),
        (
            "UpdateItem",
            {"TableName": "t", "Key": KEY, "UpdateExpression": "SET a=b[0]-c.d+e"},
        ),
    ],
)
def test_a_request_that_aws_takes_is_taken(
    operation: str, request_: dict[str, Any]
) -> None:
    """What is wrong with a table that is not there, moto says."""
    checked(operation, **request_)
