"""The queue's batches: decisions and partial failures."""

import pytest

from refunds.domain.model import Status
from sam_harness.waiting import wait_until
from unit.refunds.builders import a_refund, an_sqs_batch
from unit.refunds.cloud import Cloud
from unit.refunds.entry_points import Handler
from unit.refunds.functions.answers import failed_ids, message_ids
from unit.refunds.order_gateway import OrderGateway


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

    assert failed_ids(process(an_sqs_batch(refund))) == []

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

    assert failed_ids(process(an_sqs_batch(refund))) == []

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

    assert failed_ids(answer) == [message_ids(event)[4]]
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
    assert failed_ids(process(event)) == message_ids(event)
    gateway.behaves("ok")

    assert failed_ids(process(event)) == []

    assert cloud.store.get(refund.refund_id).status is Status.APPROVED
    assert gateway.effects() == 1


def test_crash_between_charge_and_write_is_repaired_without_a_second_charge(
    process_impatiently: Handler, process: Handler, cloud: Cloud, gateway: OrderGateway
) -> None:
    """Money moves at most once, and the record catches up."""
    gateway.behaves("hang_after_charge")
    refund = cloud.given(a_refund(order_id=gateway.order_id))
    event = an_sqs_batch(refund)
    assert failed_ids(process_impatiently(event)) == message_ids(event)
    wait_until(gateway.effects, lambda n: n == 1, what="the charge", timeout_s=5)
    gateway.behaves("ok")

    assert failed_ids(process(event)) == []

    assert cloud.store.get(refund.refund_id).status is Status.APPROVED
    assert (gateway.attempts(), gateway.effects()) == (2, 1)
