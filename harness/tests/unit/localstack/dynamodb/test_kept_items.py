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


def test_items_that_were_updated_share_equal_texts(table: Table) -> None:
    """Those that they were put with, and those that the update has set.

    What is set of one of them is not set of the others.
    """
    backend, name = table
    put = '{"PK": {"S": "REFUND#%s"}, "why": {"S": "late"}}'
    set_to = '{":status": {"S": "APPROVED"}}'

    items = []
    for attributes in (json.loads(put % number) for number in "12"):
        backend.put_item(name, attributes)
        item = backend.update_item(
            name,
            {"PK": attributes["PK"]},
            update_expression="SET #status = :status",
            expression_attribute_names={"#status": "status"},
            expression_attribute_values=json.loads(set_to),
        )
        items.append(item.attrs)

    for attribute in ("why", "status"):
        one, other = (item[attribute] for item in items)
        assert one is other
    backend.update_item(
        name,
        {"PK": {"S": "REFUND#1"}},
        update_expression="SET why = :why",
        expression_attribute_names={},
        expression_attribute_values={":why": {"S": "broken"}},
    )
    [kept] = items[1:]
    assert kept["why"].value == "late"
