"""What DynamoDB refuses of a table and its indexes."""

from typing import Any

import pytest

from sam_harness.localstack.corrections.dynamodb.tables import (
    check_changes,
    check_new,
    check_update,
    missing_index,
)

UNITS = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}


def keys(*said: str) -> list[dict[str, str]]:
    """Return key elements; ``said``: the names, with ``+`` before those of RANGE."""
    return [
        {"AttributeName": one.lstrip("+"), "KeyType": "RANGE" if "+" in one else "HASH"}
        for one in said
    ]


def index(*said: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - of boto3
    """Return an index by its keys."""
    projection = {"ProjectionType": "ALL"}
    return {
        "IndexName": "ix",
        "KeySchema": keys(*said),
        "Projection": projection,
        **more,
    }


def local(*said: str) -> dict[str, Any]:
    """Return what a table with one local index asks."""
    return {"LocalSecondaryIndexes": [index(*said)]}


def includes(many: int, kind: str = "INCLUDE", name: str = "ix") -> dict[str, Any]:
    """Return an index that has so many attributes besides its keys."""
    attributes = [f"a{number}" for number in range(many)]
    projection = {"ProjectionType": kind, "NonKeyAttributes": attributes}
    return index("g", Projection=projection, IndexName=name)


def a_table(**said: Any) -> dict[str, Any]:  # noqa: ANN401 - of boto3
    """Return a request of CreateTable."""
    mode = {"BillingMode": "PAY_PER_REQUEST"}
    return {"TableName": "a-table", "KeySchema": keys("pk", "+sk"), **mode, **said}


def many(kind: str, number: int, *said: str) -> dict[str, Any]:
    """Return so many indexes."""
    named = [index(*said, IndexName=f"ix{one}") for one in range(number)]
    return {f"{kind}SecondaryIndexes": named}


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"KeySchema": keys("pk")},
        {"TableName": "arn:aws:dynamodb:eu-west-1:123456789012:table/a-table"},
        local("pk", "+other"),
        many("Local", 5, "pk", "+other"),
        many("Global", 20, "g"),
        {"GlobalSecondaryIndexes": [includes(20, name=f"ix{one}") for one in range(5)]},
        {"StreamSpecification": {"StreamEnabled": False}},
        {
            "BillingMode": "PROVISIONED",
            "GlobalSecondaryIndexes": [index("g", ProvisionedThroughput=UNITS)],
        },
    ],
)
def test_a_table_that_dynamodb_makes_is_taken(said: dict[str, Any]) -> None:
    """Up to each limit."""
    check_new(a_table(**said))


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"TableName": "ab"}, "at least 3 characters"),
        ({"TableName": "a table"}, "at least 3 characters"),
        ({"KeySchema": keys("pk", "sk")}, "second KeySchemaElement is not a RANGE"),
        ({"KeySchema": keys("+sk", "pk")}, "first KeySchemaElement is not a HASH"),
        ({"KeySchema": keys("pk", "+pk")}, "have the same name"),
        ({"KeySchema": keys("pk"), **local("pk", "+o")}, "not have a range key, which"),
        (local("pk"), "range key for index: ix"),
        (local("sk", "+o"), "same leading hash key"),
        (many("Local", 6, "pk", "+o"), "limit of 5"),
        (many("Global", 21, "g"), "limit of 20"),
        ({"GlobalSecondaryIndexes": [index("+g")]}, "first KeySchemaElement"),
        ({"GlobalSecondaryIndexes": [index("g", "h")]}, "does not emulate"),
        ({"GlobalSecondaryIndexes": [index("g")] * 2}, "Duplicate index name: ix"),
        (
            {"GlobalSecondaryIndexes": [index("g")], **local("pk", "+o")},
            "Duplicate index name: ix",
        ),
        ({"GlobalSecondaryIndexes": [includes(0)]}, "NonKeyAttributes is not spec"),
        ({"GlobalSecondaryIndexes": [includes(1, "ALL")]}, "NonKeyAttributes is spec"),
        ({"GlobalSecondaryIndexes": [index("g", Projection={})]}, "Unknown Projection"),
        (
            {
                "GlobalSecondaryIndexes": [
                    includes(20, name=f"ix{one}") for one in range(6)
                ]
            },
            "exceeds 100",
        ),
        (
            {"GlobalSecondaryIndexes": [index("g", ProvisionedThroughput=UNITS)]},
            "should not be specified for index: ix",
        ),
        (
            {"BillingMode": "PROVISIONED", "GlobalSecondaryIndexes": [index("g")]},
            "is not specified for index: ix",
        ),
        ({"StreamSpecification": {"StreamEnabled": True}}, "StreamViewType"),
    ],
)
def test_a_table_that_dynamodb_does_not_make_is_refused(
    said: dict[str, Any], reason: str
) -> None:
    """And an index of several keys, of which moto would know the first."""
    with pytest.raises(ValueError, match=reason):
        check_new(a_table(**said))


def updated(mode: str = "PAY_PER_REQUEST", **request: Any) -> None:  # noqa: ANN401 - of boto3
    """Check an update of a table with the global index ``ix``."""
    indexes = [index("g", IsLocal=False)]
    check_update(request, {"KeySchema": keys("pk"), "Indexes": indexes}, mode)


def made(name: str = "new", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - of boto3
    """Return what an update says that makes an index, and defines its key."""
    updates = [{"Create": index("h", IndexName=name, **more)}]
    definitions = [{"AttributeName": "h", "AttributeType": "S"}]
    return {"GlobalSecondaryIndexUpdates": updates, "AttributeDefinitions": definitions}


@pytest.mark.parametrize(
    ("mode", "request_", "reason"),
    [
        ("PAY_PER_REQUEST", made("ix"), "Duplicate index name"),
        ("PAY_PER_REQUEST", {**made(), "AttributeDefinitions": []}, "not defined"),
        ("PAY_PER_REQUEST", {"ProvisionedThroughput": UNITS}, "Neither Read"),
        ("PAY_PER_REQUEST", {"BillingMode": "PROVISIONED"}, "must be specified"),
        ("PROVISIONED", made(), "is not specified for index: new"),
    ],
)
def test_an_update_that_dynamodb_refuses_is_refused(
    mode: str, request_: dict[str, Any], reason: str
) -> None:
    """What it makes is held against what is there."""
    with pytest.raises(ValueError, match=reason):
        updated(mode, **request_)


def test_an_update_that_dynamodb_carries_out_is_taken() -> None:
    """Also one that says only the new mode, or what it had."""
    updated(**made())
    updated("PROVISIONED", **made(ProvisionedThroughput=UNITS))
    updated("PROVISIONED", BillingMode="PAY_PER_REQUEST")
    updated("PROVISIONED", BillingMode="PROVISIONED")
    updated(GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "ix"}}])


@pytest.mark.parametrize(
    ("name", "is_missing"), [("ix", False), ("other", True), ("local", True)]
)
def test_an_index_that_is_changed_is_a_global_one_of_the_table(
    name: str,
    is_missing: bool,  # noqa: FBT001 - a parameter
) -> None:
    """Else there is none: it is no mistake of the request's."""
    there = [index("g", IsLocal=False), index("g", IndexName="local", IsLocal=True)]
    for change in ("Delete", "Update"):
        request = {"GlobalSecondaryIndexUpdates": [{change: {"IndexName": name}}]}
        assert missing_index(request, {"Indexes": there}) == is_missing
    assert not missing_index(made(), {"Indexes": there})


def test_an_update_makes_or_deletes_one_index() -> None:
    """Two are one after the other."""
    one = made()["GlobalSecondaryIndexUpdates"]
    other = [{"Delete": {"IndexName": "ix"}}]
    check_changes({"GlobalSecondaryIndexUpdates": one})

    with pytest.raises(ValueError, match="Only 1 online index"):
        check_changes({"GlobalSecondaryIndexUpdates": one + other})
