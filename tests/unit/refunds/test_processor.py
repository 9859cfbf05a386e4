"""The queue's batches: partial failures, duplicates, disorder, lost time."""

import json
from typing import Any

import pytest

from refunds.model import Status
from unit.refunds.builders import a_record, a_refund, an_sqs_batch
from unit.refunds.cloud import Cloud
from unit.refunds.functions import READ_TIMEOUT_S, Handler
from unit.refunds.order_gateway import OrderGateway


def _failed(answer: dict[str, Any]) -> list[str]:
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def _ids(event: dict[str, list[dict[str, object]]]) -> list[object]:
    return [record["messageId"] for record in event["Records"]]


@pytest.mark.parametrize(
    ("amount", "status"),
    [
        ("49.90", Status.APPROVED),
        ("1000", Status.APPROVED),
        ("1000.01", Status.REJECTED),
    ],
)
def test_refund_is_decided_by_its_amount(
    process: Handler, cloud: Cloud, amount: str, status: Status
) -> None:
    """Exactly the limit is approved."""
    refund = cloud.given(a_refund(amount))

    answer = process(an_sqs_batch(refund))

    stored = cloud.store.get(refund.refund_id)
    assert answer == {"batchItemFailures": []}
    assert stored.status == status
    assert stored.decision_reason
    assert stored.updated_at >= refund.updated_at
    assert (stored.request, stored.created_at) == (refund.request, refund.created_at)


def test_refund_over_the_limit_never_reaches_the_gateway(
    process: Handler, cloud: Cloud, gateway: OrderGateway
) -> None:
    """Not even while it hangs."""
    gateway.behaves("hang")
    refund = cloud.given(a_refund("1000.01", order_id=gateway.order_id))

    assert _failed(process(an_sqs_batch(refund))) == []

    stored = cloud.store.get(refund.refund_id)
    assert (stored.status, gateway.attempts()) == (Status.REJECTED, 0)
    assert "1000" in str(stored.decision_reason)


def test_approved_refund_keeps_the_gateway_reference(
    process: Handler, cloud: Cloud
) -> None:
    """Support can ask the gateway about it."""
    refund = cloud.given(a_refund())

    process(an_sqs_batch(refund))

    stored = cloud.store.get(refund.refund_id)
    assert stored.gateway_reference == f"charge-{refund.refund_id}"


def test_declined_refund_is_rejected_with_the_reason(
    process: Handler, cloud: Cloud, gateway: OrderGateway
) -> None:
    """Final: there is nothing to retry."""
    gateway.behaves("decline")
    refund = cloud.given(a_refund(order_id=gateway.order_id))

    assert _failed(process(an_sqs_batch(refund))) == []

    stored = cloud.store.get(refund.refund_id)
    assert stored.status is Status.REJECTED
    assert stored.decision_reason == "declined: card expired"


def test_one_failing_refund_fails_alone(
    process: Handler, cloud: Cloud, gateway: OrderGateway
) -> None:
    """The other nine are not delivered again."""
    gateway.behaves("fail")
    bad = cloud.given(a_refund(order_id=gateway.order_id))
    good = [cloud.given(a_refund()) for _ in range(9)]
    event = an_sqs_batch(*good[:4], bad, *good[4:])

    answer = process(event)

    assert _failed(answer) == [_ids(event)[4]]
    assert cloud.store.get(bad.refund_id).status is Status.PENDING
    assert {cloud.store.get(refund.refund_id).status for refund in good} == {
        Status.APPROVED
    }


def test_failed_refund_is_decided_by_the_redelivery(
    process: Handler, cloud: Cloud, gateway: OrderGateway
) -> None:
    """An outage delays refunds, it loses none."""
    gateway.behaves("reset")
    refund = cloud.given(a_refund(order_id=gateway.order_id))
    event = an_sqs_batch(refund)
    assert _failed(process(event)) == _ids(event)
    gateway.behaves("ok")

    assert _failed(process(event)) == []

    assert cloud.store.get(refund.refund_id).status is Status.APPROVED
    assert gateway.effects() == 1


def test_crash_between_charge_and_write_is_repaired_without_a_second_charge(
    process: Handler, cloud: Cloud, gateway: OrderGateway
) -> None:
    """Money moves at most once, and the record catches up."""
    gateway.behaves("hang_after_charge")
    refund = cloud.given(a_refund(order_id=gateway.order_id))
    event = an_sqs_batch(refund)
    assert _failed(process(event)) == _ids(event)
    assert gateway.effects() == 1
    gateway.behaves("ok")

    assert _failed(process(event)) == []

    assert cloud.store.get(refund.refund_id).status is Status.APPROVED
    assert (gateway.attempts(), gateway.effects()) == (2, 1)


@pytest.mark.parametrize("status", [Status.APPROVED, Status.REJECTED])
def test_late_duplicate_changes_nothing(
    process: Handler, cloud: Cloud, gateway: OrderGateway, status: Status
) -> None:
    """Nothing leaves a final state, and the gateway is not asked again."""
    refund = cloud.given(a_refund(order_id=gateway.order_id, status=status))
    before = cloud.items()

    assert _failed(process(an_sqs_batch(refund))) == []

    assert cloud.items() == before
    assert gateway.attempts() == 0


def test_duplicates_in_one_batch_are_decided_once(
    process: Handler, cloud: Cloud, gateway: OrderGateway
) -> None:
    """Side by side they would both ask the gateway."""
    refund = cloud.given(a_refund(order_id=gateway.order_id))

    assert _failed(process(an_sqs_batch(refund, refund, refund))) == []

    assert gateway.attempts() == 1
    assert cloud.store.get(refund.refund_id).status is Status.APPROVED


def test_duplicates_in_one_batch_fail_together(
    process: Handler, cloud: Cloud, gateway: OrderGateway
) -> None:
    """Each message is delivered again until the refund is decided."""
    gateway.behaves("fail")
    refund = cloud.given(a_refund(order_id=gateway.order_id))
    event = an_sqs_batch(refund, refund)

    assert sorted(_failed(process(event))) == sorted(map(str, _ids(event)))


def test_order_of_messages_does_not_matter(
    process: Handler, cloud: Cloud, gateway: OrderGateway
) -> None:
    """Standard queues don't keep it: refunds of one order are independent."""
    refunds = [cloud.given(a_refund(order_id=gateway.order_id)) for _ in range(3)]
    first, second, third = refunds

    process(an_sqs_batch(third, first))
    process(an_sqs_batch(first, second))

    statuses = {cloud.store.get(refund.refund_id).status for refund in refunds}
    assert statuses == {Status.APPROVED}
    assert gateway.effects() == 3


def test_refund_that_the_table_lacks_fails(process: Handler) -> None:
    """The message goes to the DLQ, where somebody sees it."""
    event = an_sqs_batch(a_refund())

    assert _failed(process(event)) == _ids(event)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "null",
        "[" * 100_000,
        '{"version": 1}',
        '{"version": 1, "refundId": 7}',
        '{"version": 1, "refundId": "../../etc"}',
        '{"version": 2, "refundId": "6f3f0a52-7d0c-4d5e-9f5b-0d1f2d7f8a34"}',
        '{"version": true, "refundId": "6f3f0a52-7d0c-4d5e-9f5b-0d1f2d7f8a34"}',
    ],
)
def test_malformed_message_fails_alone(
    process: Handler, cloud: Cloud, body: str
) -> None:
    """Never deleted silently, and no reason to hold up the others."""
    refund = cloud.given(a_refund())
    broken = a_record(refund, body=body)

    answer = process({"Records": [broken, a_record(refund)]})

    assert _failed(answer) == [broken["messageId"]]
    assert cloud.store.get(refund.refund_id).status is Status.APPROVED


def test_message_without_attributes_is_processed(
    process: Handler, cloud: Cloud
) -> None:
    """An operator may send one by hand."""
    refund = cloud.given(a_refund())
    record = a_record(refund)
    del record["messageAttributes"]

    assert _failed(process({"Records": [record]})) == []


def test_unavailable_table_fails_every_record(process: Handler, cloud: Cloud) -> None:
    """Nothing is lost: all of it is delivered again."""
    cloud.delete_table()
    event = an_sqs_batch(a_refund(), a_refund())

    assert sorted(_failed(process(event))) == sorted(map(str, _ids(event)))


def test_unexpected_error_fails_its_record_alone(
    process: Handler, cloud: Cloud
) -> None:
    """An item that this service never wrote stops nobody else."""
    good, bad = cloud.given(a_refund()), a_refund()
    key = {"PK": {"S": f"REFUND#{bad.refund_id}"}, "SK": {"S": "REFUND"}}
    cloud.dynamodb.put_item(TableName="refund-table", Item=key)
    event = an_sqs_batch(bad, good)

    assert _failed(process(event)) == [_ids(event)[0]]
    assert cloud.store.get(good.refund_id).status is Status.APPROVED


def test_gateway_is_not_called_without_the_time_for_it(
    process: Handler, cloud: Cloud, gateway: OrderGateway
) -> None:
    """A call that the timeout would cut leaves money and record apart."""
    refund = cloud.given(a_refund(order_id=gateway.order_id))
    event = an_sqs_batch(refund)

    answer = process(event, timeout_s=READ_TIMEOUT_S)

    assert _failed(answer) == _ids(event)
    assert gateway.attempts() == 0


def test_empty_batch_is_fine(process: Handler) -> None:
    """Lambda does not send one; a test event may."""
    assert _failed(process(json.loads('{"Records": []}'))) == []
