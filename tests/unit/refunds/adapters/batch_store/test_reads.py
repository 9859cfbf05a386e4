"""What DynamoDB may answer to a read of several refunds."""

from typing import TYPE_CHECKING

import pytest
from botocore.stub import Stubber

from refunds.adapters.batch_store import BatchStore
from refunds.adapters.item import primary_key
from refunds.domain.model import (
    Refund,
    RefundNotFoundError,
)
from unit.refunds.adapters.batch_store.answers import (
    TABLE,
    a_decided_refund,
    codes,
    read,
)
from unit.refunds.builders import a_refund

if TYPE_CHECKING:
    from collections.abc import Callable


def test_batch_is_read_consistently_in_one_call(
    store: BatchStore, dynamodb: Stubber
) -> None:
    """In the order asked for, whatever the order of the answer."""
    first, second, missing = a_refund(), a_refund(), a_refund()
    asked = [one.refund_id for one in (first, second, missing)]
    keys = [primary_key(refund_id) for refund_id in asked]
    dynamodb.add_response(
        "batch_get_item",
        read(second, first),
        {"RequestItems": {TABLE: {"Keys": keys, "ConsistentRead": True}}},
    )

    results = store.get(asked)

    assert list(results) == asked
    assert [results[one.refund_id] for one in (first, second)] == [first, second]
    assert isinstance(results[missing.refund_id], RefundNotFoundError)


def test_keys_that_were_not_looked_up_are_asked_for_again(
    store: BatchStore, dynamodb: Stubber
) -> None:
    """A throttled table answers 200 with what it managed."""
    first, second = a_refund(), a_refund()
    dynamodb.add_response("batch_get_item", read(first, unprocessed=(second,)))
    dynamodb.add_response(
        "batch_get_item",
        read(second),
        {
            "RequestItems": {
                TABLE: {
                    "Keys": [primary_key(second.refund_id)],
                    "ConsistentRead": True,
                }
            }
        },
    )

    results = store.get([first.refund_id, second.refund_id])

    assert results == {first.refund_id: first, second.refund_id: second}


def test_keys_that_stay_unprocessed_fail_alone(
    store: BatchStore, dynamodb: Stubber
) -> None:
    """They are no missing refunds: the redelivery finds them."""
    first, second = a_refund(), a_refund()
    dynamodb.add_response("batch_get_item", read(first, unprocessed=(second,)))
    dynamodb.add_response("batch_get_item", read(unprocessed=(second,)))

    results = store.get([first.refund_id, second.refund_id])

    assert results[first.refund_id] == first
    assert codes(results) == ["UnprocessedKeys"]


def test_second_read_that_fails_leaves_the_first(
    store: BatchStore, dynamodb: Stubber
) -> None:
    """What was read can be decided."""
    first, second = a_refund(), a_refund()
    dynamodb.add_response("batch_get_item", read(first, unprocessed=(second,)))
    dynamodb.add_client_error("batch_get_item", "ThrottlingException")

    results = store.get([first.refund_id, second.refund_id])

    assert results[first.refund_id] == first
    assert codes(results) == ["ThrottlingException"]


def test_answer_about_another_refund_is_none(
    store: BatchStore, dynamodb: Stubber
) -> None:
    """It does not say that the one that was asked for is missing."""
    asked, other = a_refund(), a_refund()
    dynamodb.add_response("batch_get_item", read(other))

    results = store.get([asked.refund_id])

    assert list(results) == [asked.refund_id]
    assert codes(results) == ["LookupError"]


def test_nothing_is_read_or_written_for_nothing(
    store: BatchStore, dynamodb: Stubber
) -> None:
    """DynamoDB refuses an empty batch, and it would take time."""
    del dynamodb  # answers nothing

    assert store.get([]) == store.save_decisions([]) == {}


@pytest.mark.parametrize("operation", ["batch_get_item", "batch_execute_statement"])
def test_call_that_fails_fails_every_refund(
    store: BatchStore, dynamodb: Stubber, operation: str
) -> None:
    """Botocore has tried again by then."""
    refunds = [a_decided_refund(), a_decided_refund()]
    dynamodb.add_client_error(operation, "AccessDeniedException")
    call: Callable[[], dict[str, Refund | Exception]] = {
        "batch_get_item": lambda: store.get([one.refund_id for one in refunds]),
        "batch_execute_statement": lambda: store.save_decisions(refunds),
    }[operation]

    assert codes(call()) == ["AccessDeniedException"] * 2
