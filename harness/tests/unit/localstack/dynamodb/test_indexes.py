"""What an index is asked for that it does not have."""

from typing import Any

import pytest
from moto.dynamodb.models.table import Table

from sam_harness.localstack.corrections.dynamodb.requests import check, described

ALL = {"Select": "ALL_ATTRIBUTES"}
N = {"ExpressionAttributeNames": {"#n": "no"}}


def scan(**asked: Any) -> None:  # noqa: ANN401 - parameters of boto3
    """Check a scan of a table of moto, with indexes that have keys and ``a`` only."""
    schema = [{"AttributeName": "pk", "KeyType": "HASH"}]
    some = {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a"]}
    index = {"KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}]}
    table = Table(  # type: ignore[abstract] # moto makes it like this
        "t",
        account_id="123456789012",
        region="us-east-1",
        schema=schema,
        attr=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "g")],
        indexes=[index | {"IndexName": "local", "Projection": some}],
        global_indexes=[
            index | {"IndexName": "global", "Projection": some},
            index | {"IndexName": "all", "Projection": {"ProjectionType": "ALL"}},
        ],
    )
    check("Scan", {"TableName": "t", **asked}, lambda _: described(table))


@pytest.mark.parametrize(
    ("index", "asked", "reason"),
    [
        ("global", ALL, "ALL_ATTRIBUTES is not supported for global .* index global"),
        ("global", {"ProjectionExpression": "a.b, no[1]"}, r"does not project \[no\]"),
        ("global", N | {"ProjectionExpression": "pk, #n.a"}, r"project \[no\]"),
        ("global", {"AttributesToGet": ["a", "no"]}, r"project \[no\]"),
        ("local", ALL, "does not project whole items: .* emulator cannot"),
        ("local", {"ProjectionExpression": "no,a"}, "project no: .* emulator cannot"),
    ],
)
def test_what_an_index_does_not_have_is_not_read_of_it(
    index: str, asked: dict[str, Any], reason: str
) -> None:
    """A local one is refused what it would have, on AWS."""
    with pytest.raises(ValueError, match=reason):
        scan(IndexName=index, **asked)
    scan(IndexName="all", **asked)
    scan(**asked)


@pytest.mark.parametrize("index", ["global", "local"])
def test_what_an_index_has_is_read_of_it(index: str) -> None:
    """Its own keys, those of its table, and what it includes."""
    scan(IndexName=index, ProjectionExpression="pk, g, a[0].no")
    scan(IndexName=index, Select="ALL_PROJECTED_ATTRIBUTES")
