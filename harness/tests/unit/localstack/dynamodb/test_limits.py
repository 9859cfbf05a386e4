"""Where Limit is reached, DynamoDB tells the last key, whatever is left of it."""

from typing import Any

import pytest

from harness.tests.unit.localstack.dynamodb.tables import Table, add_index

KEY = {"PK": {"S": "b"}}
FILTERED = {
    "filter_expression": "#n = :no",
    "expr_names": {"#n": "n"},
    "expr_values": {":no": {"N": "0"}},
}


def scan(
    table: Table,
    limit: int,
    **asked: Any,  # noqa: ANN401 - moto's
) -> tuple[int, dict[str, Any] | None]:
    """Return how many items are left of a scan of two, and its last key."""
    backend, name = table
    for item in ({"PK": {"S": "a"}, "n": {"N": "0"}}, KEY | {"n": {"N": "1"}}):
        backend.put_item(name, item)
    nothing: dict[str, Any] = dict.fromkeys(
        (
            *("exclusive_start_key", "filter_expression"),
            *("index_name", "projection_expression"),
        )
    )
    items, _, last = backend.scan(
        table_name=name,
        filters={},
        limit=limit,
        **nothing
        | {"expr_names": {}, "expr_values": {}, "consistent_read": True}
        | {"segments": (None, None)}
        | asked,
    )
    return len(items), last and {key: held.to_json() for key, held in last.items()}


def query(
    table: Table,
    limit: int,
    **asked: Any,  # noqa: ANN401 - moto's
) -> tuple[int, dict[str, Any] | None]:
    """Return how many items are left of a query for one, and its last key."""
    backend, name = table
    backend.put_item(name, KEY | {"n": {"N": "1"}})
    given: dict[str, Any] = {"projection_expressions": None} | asked
    items, _, last = backend.query(
        name,
        KEY["PK"],
        None,
        [],
        limit,
        None,  # type: ignore[arg-type] # there is none
        True,  # noqa: FBT003 - moto's
        **given,
    )
    return len(items), last and {key: held.to_json() for key, held in last.items()}


@pytest.mark.parametrize(
    ("asked", "left"),
    [({}, 2), (FILTERED, 1), ({"projection_expression": [["n"]]}, 2)],
)
def test_a_scan_that_ends_at_its_limit_has_a_last_key(
    table: Table, asked: dict[str, Any], left: int
) -> None:
    """Also of an item that it leaves out, or a key; not where it ends before."""
    assert scan(table, 2, **asked) == (left, KEY)
    assert scan(table, 3, **asked) == (left, None)


@pytest.mark.parametrize(
    ("asked", "left"),
    [({}, 1), (FILTERED, 0), ({"projection_expressions": [["n"]]}, 1)],
)
def test_a_query_that_ends_at_its_limit_has_a_last_key(
    table: Table, asked: dict[str, Any], left: int
) -> None:
    """As a scan."""
    assert query(table, 1, **asked) == (left, KEY)
    assert query(table, 2, **asked) == (left, None)


def test_the_last_key_of_an_index_has_its_keys_and_the_tables(
    table: Table,
) -> None:
    """Though the request asks for neither."""
    add_index(table, "n", "N")
    asked: dict[str, Any] = {
        "index_name": "gix",
        "projection_expression": [["other"]],
        "consistent_read": False,
    }

    assert scan(table, 2, **asked) == (2, KEY | {"n": {"N": "1"}})
    assert scan(table, 3, **asked) == (2, None)
