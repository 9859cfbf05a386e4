"""An update is made as a whole or not at all, and keeps what DynamoDB keeps."""

from typing import Any

import pytest
from moto.dynamodb.exceptions import DynamodbException

from harness.tests.unit.localstack.dynamodb.tables import Table, add_index

STORED = {"PK": {"S": "there"}, "text": {"S": "x"}, "n": {"N": "1" * 38}}


def update(table: Table, key: str, expression: str, **values: Any) -> None:  # noqa: ANN401 - DynamoDB's own
    """Update an item."""
    backend, name = table
    backend.update_item(
        table_name=name,
        key={"PK": {"S": key}},
        update_expression=expression,
        expression_attribute_names={},
        expression_attribute_values={f":{one}": held for one, held in values.items()},
    )


def read(table: Table, key: str) -> dict[str, Any] | None:
    """Read an item; None: there is none."""
    backend, name = table
    item = backend.get_item(name, {"PK": {"S": key}})
    found: dict[str, Any] | None = item.to_json()["Attributes"] if item else None
    return found


@pytest.fixture
def stored(table: Table) -> Table:
    """Return a table with an item in it."""
    backend, name = table
    backend.put_item(name, STORED)
    return table


@pytest.mark.parametrize("key", ["there", "absent"])
@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("SET a = :v ADD text :v", {"S": "1"}),
        ("SET a = :v DELETE b :v", {"N": "1"}),
        ("SET a = :v", {"S": "x" * 500_000}),
    ],
)
def test_an_update_that_fails_changes_nothing(
    stored: Table, key: str, expression: str, value: dict[str, str]
) -> None:
    """Neither a part of an item, nor that there is one."""
    before = read(stored, key)

    with pytest.raises(DynamodbException):
        update(stored, key, expression, v=value)

    assert read(stored, key) == before


def test_a_sum_has_as_many_digits_as_dynamodb_keeps(stored: Table) -> None:
    """Else it would be rounded to fewer."""
    update(stored, "there", "SET n = n + :v", v={"N": "1"})
    assert (read(stored, "there") or {})["n"] == {"N": "1" * 37 + "2"}

    with pytest.raises(DynamodbException, match="38 significant digits"):
        update(stored, "there", "SET n = n + :v", v={"N": "0.1"})
    assert (read(stored, "there") or {})["n"] == {"N": "1" * 37 + "2"}


@pytest.mark.parametrize("path", ["n", "m.n", "l[0].n"])
def test_a_number_that_is_computed_is_kept_as_dynamodb_keeps_it(
    table: Table, path: str
) -> None:
    """Without an exponent, which no later update could read, and without zeros."""
    backend, name = table
    numbers = {"n": {"N": "0.3"}, "octets": {"B": "AA=="}}
    deep = {"m": {"M": numbers}, "l": {"L": [{"M": numbers}]}}
    backend.put_item(name, {"PK": {"S": "there"}} | numbers | deep)
    before = repr(read(table, "there"))

    update(table, "there", f"SET {path} = {path} - :v", v={"N": "0.2999999"})
    small = repr(read(table, "there"))
    update(table, "there", f"SET {path} = {path} + :v", v={"N": "0.9999999"})
    one = repr(read(table, "there"))

    assert small.count("'0.3'") == one.count("'0.3'") == 2
    assert small.replace("'0.0000001'", "'0.3'") == before
    assert one.replace("'1'", "'0.3'") == before


@pytest.mark.parametrize(
    ("expression", "value", "kind"),
    [
        ("SET g = :v", {"N": "1"}, "N"),
        ("SET g = if_not_exists(g, :v)", {"N": "1"}, "N"),
        ("ADD g :v", {"SS": ["a"]}, "SS"),
    ],
)
def test_the_key_of_an_index_keeps_its_type(
    stored: Table, expression: str, value: dict[str, Any], kind: str
) -> None:
    """Whichever way it is set: else the index would not have the item."""
    add_index(stored, "g", "S")

    with pytest.raises(DynamodbException, match=rf"(?i)expected: S actual: {kind}"):
        update(stored, "there", expression, v=value)

    assert read(stored, "there") == STORED


@pytest.mark.parametrize("key", ["there", "absent"])
def test_an_update_of_nothing_makes_an_item_of_its_key(stored: Table, key: str) -> None:
    """It changes none that there is.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
    """
    before = read(stored, key)

    update(stored, key, "")

    assert read(stored, key) == (before or {"PK": {"S": key}})
