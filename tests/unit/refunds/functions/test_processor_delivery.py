"""The queue's deliveries: duplicates, disorder, strange messages, lost time."""

import json

import pytest

from refunds.domain.model import Status
from unit.refunds.builders import a_record, a_refund, an_sqs_batch
from unit.refunds.cloud import Cloud
from unit.refunds.entry_points import READ_TIMEOUT_S, Handler
from unit.refunds.functions.answers import failed_ids, message_ids
from unit.refunds.order_gateway import OrderGateway


@pytest.mark.parametrize("status", [Status.APPROVED, Status.REJECTED])
def test_late_duplicate_changes_nothing(
    process: Handler, cloud: Cloud, gateway: OrderGateway, status: Status
) -> None:
    """Nothing leaves a final state, and the gateway is not asked again."""
    refund = cloud.given(a_refund(order_id=gateway.order_id, status=status))
    before = cloud.items()

    assert failed_ids(process(an_sqs_batch(refund))) == []

    assert cloud.items() == before
    assert gateway.attempts() == 0


def test_duplicates_in_one_batch_are_decided_once(
    process: Handler, cloud: Cloud, gateway: OrderGateway
) -> None:
    """Side by side they would both ask the gateway."""
    refund = cloud.given(a_refund(order_id=gateway.order_id))

    assert failed_ids(process(an_sqs_batch(refund, refund, refund))) == []

    assert gateway.attempts() == 1
    assert cloud.store.get(refund.refund_id).status is Status.APPROVED


def test_duplicates_in_one_batch_fail_together(
    process: Handler, cloud: Cloud, gateway: OrderGateway
) -> None:
    """Each message is delivered again until the refund is decided."""
    gateway.behaves("fail")
    refund = cloud.given(a_refund(order_id=gateway.order_id))
    event = an_sqs_batch(refund, refund)

    assert sorted(failed_ids(process(event))) == sorted(map(str, message_ids(event)))


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
    """The message ends in the DLQ and is not lost."""
    event = an_sqs_batch(a_refund())

    assert failed_ids(process(event)) == message_ids(event)


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

    assert failed_ids(answer) == [broken["messageId"]]
    assert cloud.store.get(refund.refund_id).status is Status.APPROVED


def test_message_without_attributes_is_processed(
    process: Handler, cloud: Cloud
) -> None:
    """An operator may send one by hand."""
    refund = cloud.given(a_refund())
    record = a_record(refund)
    del record["messageAttributes"]

    assert failed_ids(process({"Records": [record]})) == []


def test_unavailable_table_fails_every_record(process: Handler, cloud: Cloud) -> None:
    """Nothing is lost: all of it is delivered again."""
    cloud.delete_table()
    event = an_sqs_batch(a_refund(), a_refund())

    assert sorted(failed_ids(process(event))) == sorted(map(str, message_ids(event)))


def test_unexpected_error_fails_its_record_alone(
    process: Handler, cloud: Cloud
) -> None:
    """An item that this service never wrote stops no other refund."""
    good, bad = cloud.given(a_refund()), a_refund()
    key = {"PK": {"S": f"REFUND#{bad.refund_id}"}, "SK": {"S": "REFUND"}}
    cloud.dynamodb.put_item(TableName="refund-table", Item=key)
    event = an_sqs_batch(bad, good)

    assert failed_ids(process(event)) == [message_ids(event)[0]]
    assert cloud.store.get(good.refund_id).status is Status.APPROVED


def test_gateway_is_not_called_without_the_time_for_it(
    process: Handler, cloud: Cloud, gateway: OrderGateway
) -> None:
    """A call that the timeout would cut leaves money and record apart."""
    refund = cloud.given(a_refund(order_id=gateway.order_id))
    event = an_sqs_batch(refund)

    answer = process(event, timeout_s=READ_TIMEOUT_S)

    assert failed_ids(answer) == message_ids(event)
    assert gateway.attempts() == 0


def test_empty_batch_is_fine(process: Handler) -> None:
    """Lambda does not send one; a test event may."""
    assert failed_ids(process(json.loads('{"Records": []}'))) == []
