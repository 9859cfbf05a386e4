"""Of writers at once a condition lets one through, and readers see whole changes."""

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from moto.dynamodb.exceptions import ConditionalCheckFailed
from moto.dynamodb.models import DynamoDBBackend

from harness.tests.unit.localstack.dynamodb.tables import Table

WRITERS, ROUNDS = 4, 10
KEY = {"PK": {"S": "REFUND#1"}}
CHANGED = [f"a{number}" for number in range(30)]


@pytest.fixture(autouse=True)
def turns() -> Iterator[None]:
    """Let threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_one_of_several_conditional_writers_succeeds(
    table: Table,
) -> None:
    """Also when all begin at the same moment."""
    backend, name = table
    begin = Barrier(WRITERS)

    def decide(key: str) -> bool:
        begin.wait(10)
        try:
            backend.update_item(
                table_name=name,
                key={"PK": {"S": key}},
                update_expression="SET #s = :to",
                condition_expression="#s = :from",
                expression_attribute_names={"#s": "status"},
                expression_attribute_values={
                    ":from": {"S": "PENDING"},
                    ":to": {"S": "APPROVED"},
                },
            )
        except ConditionalCheckFailed:
            return False
        return True

    with ThreadPoolExecutor(WRITERS) as writers:
        for number in range(ROUNDS):
            key = f"REFUND#{number}"
            backend.put_item(name, {"PK": {"S": key}, "status": {"S": "PENDING"}})
            assert sum(writers.map(decide, [key] * WRITERS)) == 1


def by_key(backend: DynamoDBBackend, table: str) -> dict[str, Any]:
    """Read the only item of ``table`` with GetItem."""
    item = backend.get_item(table, KEY)
    assert item
    read: dict[str, Any] = item.to_json()["Attributes"]
    return read


def by_scan(backend: DynamoDBBackend, table: str) -> dict[str, Any]:
    """Read it with Scan, as a statement does."""
    [item], *_ = backend.scan(
        table_name=table,
        filters={},
        limit=None,  # type: ignore[arg-type] # none, nor what else may be left out
        exclusive_start_key=None,  # type: ignore[arg-type] # as above
        filter_expression=None,
        expr_names={},
        expr_values={},
        index_name=None,  # type: ignore[arg-type] # as above
        consistent_read=True,
        projection_expression=None,
        segments=(None, None),
    )
    read: dict[str, Any] = item.to_json()["Attributes"]
    return read


@pytest.mark.parametrize("read", [by_key, by_scan])
def test_a_reader_sees_all_of_a_change_or_nothing(
    table: Table,
    read: Callable[[DynamoDBBackend, str], dict[str, Any]],
) -> None:
    """Moto would hand out an item that is being changed."""
    backend, name = table
    backend.put_item(name, KEY)

    def change(to: int) -> None:
        backend.update_item(
            table_name=name,
            key=KEY,
            update_expression="SET " + ", ".join(f"{one} = :to" for one in CHANGED),
            expression_attribute_names={},
            expression_attribute_values={":to": {"N": str(to)}},
        )

    with ThreadPoolExecutor(1) as writer:
        changes = [writer.submit(change, number) for number in range(ROUNDS)]
        while not changes[-1].done():
            seen = read(backend, name)
            assert len({str(seen.get(one)) for one in CHANGED}) == 1
    assert changes[-1].exception() is None
