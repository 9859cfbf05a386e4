"""What DynamoDB may answer to a write of several decisions."""

import pytest
from botocore.stub import ANY, Stubber

from refunds.adapters.batch_store import BatchStore
from refunds.adapters.item import primary_key, to_item
from refunds.domain.model import (
    AlreadyDecidedError,
    Refund,
    RefundNotFoundError,
    Status,
    UnavailableError,
)
from unit.refunds.adapters.batch_store.answers import (
    TABLE,
    a_decided_refund,
    codes,
    refused,
    written,
)
from unit.refunds.builders import a_refund


def test_decisions_are_written_in_one_call_each_if_still_pending(
    store: BatchStore, dynamodb: Stubber
) -> None:
    """A reference is written only where the gateway gave one."""
    first, second = a_decided_refund(), a_decided_refund(reference=None)

    def statement(refund: Refund, sets: str, *values: str | None) -> object:
        key = primary_key(refund.refund_id)
        return {
            "Statement": f'UPDATE "{TABLE}" {sets} REMOVE "GSI2PK" REMOVE "GSI2SK"'
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
        written({"TableName": TABLE}, {"TableName": TABLE}),
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
    refunds = [a_decided_refund() for _ in range(4)]
    before = a_refund(status=Status.REJECTED)
    dynamodb.add_response(
        "batch_execute_statement",
        written(
            {"TableName": TABLE},
            refused("ConditionalCheckFailed", Item=to_item(before)),
            refused("ConditionalCheckFailed"),
            refused("AccessDenied"),
        ),
    )

    done, decided, gone, denied = store.save_decisions(refunds).values()

    assert done == refunds[0]
    assert isinstance(decided, AlreadyDecidedError)
    assert decided.refund == before
    assert isinstance(gone, RefundNotFoundError)
    assert isinstance(denied, UnavailableError)
    assert denied.code == "AccessDenied"


def test_answer_about_fewer_statements_is_none(
    store: BatchStore, dynamodb: Stubber
) -> None:
    """It does not say which of them were written."""
    dynamodb.add_response("batch_execute_statement", written({}))

    results = store.save_decisions([a_decided_refund(), a_decided_refund()])

    assert codes(results) == ["ValueError"] * 2


def test_stored_item_that_is_not_ours_fails_its_statement_alone(
    store: BatchStore, dynamodb: Stubber
) -> None:
    """The others are written by then."""
    first, second = a_decided_refund(), a_decided_refund()
    dynamodb.add_response(
        "batch_execute_statement",
        written(refused("ConditionalCheckFailed", Item={"PK": {"S": "x"}}), {}),
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
    first, second, third = a_decided_refund(), a_decided_refund(), a_decided_refund()
    dynamodb.add_response(
        "batch_execute_statement", written(refused(code), {}, refused(code))
    )
    dynamodb.add_response(
        "batch_execute_statement",
        written({}, refused(code)),
        {"Statements": [ANY, ANY]},
    )

    results = store.save_decisions([first, second, third])

    assert results[first.refund_id] == first
    assert results[second.refund_id] == second
    assert codes(results) == [code]
