"""What DynamoDB may answer to a batch; shapes as AWS documents them, from a stub."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.session import Session
from botocore.stub import ANY, Stubber

from refunds.batch_store import BatchStore
from refunds.decision import Decision
from refunds.item import primary_key, to_item
from refunds.model import (
    AlreadyDecidedError,
    Refund,
    RefundNotFoundError,
    Status,
    UnavailableError,
    now,
)
from unit.refunds.builders import a_refund

TABLE = "refund-table"


@pytest.fixture(scope="module")
def client() -> Any:  # noqa: ANN401 - the stubber wants botocore's own base class
    """Return a client that reaches nothing."""
    return Session().create_client("dynamodb", region_name="us-east-1")


@pytest.fixture
def dynamodb(client: Any) -> Iterator[Stubber]:  # noqa: ANN401
    """Return the stub; a test fails when an answer of it was not asked for."""
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def store(client: Any) -> BatchStore:  # noqa: ANN401
    """Return the store that the stub answers."""
    return BatchStore(client, TABLE)


def _decided(*, reference: str | None = "charge-1") -> Refund:
    decision = Decision(Status.APPROVED, "approved", reference)
    return a_refund().decided(decision, now())


def _read(*found: Refund, unprocessed: tuple[Refund, ...] = ()) -> dict[str, object]:
    keys = [primary_key(refund.refund_id) for refund in unprocessed]
    return {
        "Responses": {TABLE: [to_item(refund) for refund in found]},
        "UnprocessedKeys": {TABLE: {"Keys": keys}} if keys else {},
    }


def _refused(code: str, **more: object) -> dict[str, object]:
    return {"Error": {"Code": code, "Message": "refused", **more}, "TableName": TABLE}


def _written(*responses: dict[str, object]) -> dict[str, object]:
    return {"Responses": list(responses)}


def _codes(results: dict[str, Refund | Exception]) -> list[str]:
    return [error.code for error in results.values() if hasattr(error, "code")]


def test_batch_is_read_consistently_in_one_call(
    store: BatchStore, dynamodb: Stubber
) -> None:
    """In the order asked for, whatever the order of the answer."""
    first, second, missing = a_refund(), a_refund(), a_refund()
    asked = [one.refund_id for one in (first, second, missing)]
    keys = [primary_key(refund_id) for refund_id in asked]
    dynamodb.add_response(
        "batch_get_item",
        _read(second, first),
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
    dynamodb.add_response("batch_get_item", _read(first, unprocessed=(second,)))
    dynamodb.add_response(
        "batch_get_item",
        _read(second),
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
    dynamodb.add_response("batch_get_item", _read(first, unprocessed=(second,)))
    dynamodb.add_response("batch_get_item", _read(unprocessed=(second,)))

    results = store.get([first.refund_id, second.refund_id])

    assert results[first.refund_id] == first
    assert _codes(results) == ["UnprocessedKeys"]


def test_second_read_that_fails_leaves_the_first(
    store: BatchStore, dynamodb: Stubber
) -> None:
    """What was read can be decided."""
    first, second = a_refund(), a_refund()
    dynamodb.add_response("batch_get_item", _read(first, unprocessed=(second,)))
    dynamodb.add_client_error("batch_get_item", "ThrottlingException")

    results = store.get([first.refund_id, second.refund_id])

    assert results[first.refund_id] == first
    assert _codes(results) == ["ThrottlingException"]


def test_nothing_is_read_or_written_for_nothing(
    store: BatchStore, dynamodb: Stubber
) -> None:
    """DynamoDB refuses an empty batch, and it would take time."""
    del dynamodb  # answers nothing

    assert store.get([]) == store.save_decisions([]) == {}


def test_decisions_are_written_in_one_call_each_if_still_pending(
    store: BatchStore, dynamodb: Stubber
) -> None:
    """A reference is written only where the gateway gave one."""
    first, second = _decided(), _decided(reference=None)

    def statement(refund: Refund, sets: str, *values: str | None) -> object:
        key = primary_key(refund.refund_id)
        return {
            "Statement": f'UPDATE "{TABLE}" {sets}'
            ' WHERE "PK" = ? AND "SK" = ? AND "status" = ?',
            "Parameters": [
                *({"S": value} for value in values),
                {"S": ANY},
                key["PK"],
                key["SK"],
                {"S": "PENDING"},
            ],
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }

    common = 'SET "status" = ? SET "decisionReason" = ?'
    dynamodb.add_response(
        "batch_execute_statement",
        _written({"TableName": TABLE}, {"TableName": TABLE}),
        {
            "Statements": [
                statement(
                    first,
                    f'{common} SET "gatewayReference" = ? SET "updatedAt" = ?',
                    *("APPROVED", "approved", "charge-1"),
                ),
                statement(
                    second,
                    f'{common} SET "updatedAt" = ?',
                    *("APPROVED", "approved"),
                ),
            ]
        },
    )

    results = store.save_decisions([first, second])

    assert results == {first.refund_id: first, second.refund_id: second}


def test_each_statement_fails_for_its_own_reason(
    store: BatchStore, dynamodb: Stubber
) -> None:
    """A 200 does not mean that all were written."""
    refunds = [_decided() for _ in range(4)]
    before = a_refund(status=Status.REJECTED)
    dynamodb.add_response(
        "batch_execute_statement",
        _written(
            {"TableName": TABLE},
            _refused("ConditionalCheckFailed", Item=to_item(before)),
            _refused("ConditionalCheckFailed"),
            _refused("AccessDenied"),
        ),
    )

    done, decided, gone, denied = store.save_decisions(refunds).values()

    assert done == refunds[0]
    assert isinstance(decided, AlreadyDecidedError)
    assert decided.refund == before
    assert isinstance(gone, RefundNotFoundError)
    assert isinstance(denied, UnavailableError)
    assert denied.code == "AccessDenied"


def test_stored_item_that_is_not_ours_fails_its_statement_alone(
    store: BatchStore, dynamodb: Stubber
) -> None:
    """The others are written by then."""
    first, second = _decided(), _decided()
    dynamodb.add_response(
        "batch_execute_statement",
        _written(_refused("ConditionalCheckFailed", Item={"PK": {"S": "x"}}), {}),
    )

    results = store.save_decisions([first, second])

    assert isinstance(results[first.refund_id], KeyError)
    assert results[second.refund_id] == second


@pytest.mark.parametrize(
    "code",
    [
        "InternalServerError",
        "ProvisionedThroughputExceeded",
        "RequestLimitExceeded",
        "ThrottlingError",
        "TransactionConflict",
    ],
)
def test_statement_that_failed_for_now_is_tried_once_more(
    store: BatchStore, dynamodb: Stubber, code: str
) -> None:
    """Botocore repeats calls, not statements; the money has moved already."""
    first, second, third = _decided(), _decided(), _decided()
    dynamodb.add_response(
        "batch_execute_statement", _written(_refused(code), {}, _refused(code))
    )
    dynamodb.add_response(
        "batch_execute_statement",
        _written({}, _refused(code)),
        {"Statements": [ANY, ANY]},
    )

    results = store.save_decisions([first, second, third])

    assert results[first.refund_id] == first
    assert results[second.refund_id] == second
    assert _codes(results) == [code]


@pytest.mark.parametrize("operation", ["batch_get_item", "batch_execute_statement"])
def test_call_that_fails_fails_every_refund(
    store: BatchStore, dynamodb: Stubber, operation: str
) -> None:
    """Botocore has tried again by then."""
    refunds = [_decided(), _decided()]
    dynamodb.add_client_error(operation, "AccessDeniedException")
    call: Callable[[], dict[str, Refund | Exception]] = {
        "batch_get_item": lambda: store.get([one.refund_id for one in refunds]),
        "batch_execute_statement": lambda: store.save_decisions(refunds),
    }[operation]

    assert _codes(call()) == ["AccessDeniedException"] * 2
