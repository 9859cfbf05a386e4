"""What an item takes of the emulator's memory: many refunds are kept for good."""

import json

from harness.tests.unit.localstack.dynamodb.tables import Table


def test_items_share_the_names_of_their_attributes(
    table: Table,
) -> None:
    """Each request has brought a text of its own for each name."""
    backend, name = table
    written = '{"PK": {"S": "REFUND#%s"}, "decisionReason": {"S": "limit"}}'

    first, second = (
        backend.put_item(name, json.loads(written % number)).attrs for number in "12"
    )

    assert list(first) == ["PK", "decisionReason"]
    assert [id(one) for one in first] == [id(one) for one in second]
