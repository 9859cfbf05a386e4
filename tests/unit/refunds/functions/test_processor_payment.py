"""One payment per refund, and APPROVED only for what the gateway has paid by name."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from refunds.domain.model import Refund, Status, now
from sam_harness.waiting import wait_until
from service.payment_gateway_rules import Mode
from unit.refunds.builders import a_record, a_refund, an_sqs_batch
from unit.refunds.cloud import Cloud
from unit.refunds.entry_points import Handler, Lines
from unit.refunds.functions.answers import failed_ids, message_ids
from unit.refunds.order_gateway import OrderGateway

OLD = timedelta(days=2)

type Given = Callable[..., Refund]


@pytest.fixture
def given(cloud: Cloud, gateway: OrderGateway) -> Given:
    """Return what puts a refund of the test's order into the table."""

    def put(age: timedelta = timedelta(0)) -> Refund:
        refund = a_refund(order_id=gateway.order_id, created_at=now() - age)
        return cloud.given(refund)

    return put


def _status(cloud: Cloud, refund: Refund) -> Status:
    return cloud.store.get(refund.refund_id).status


def test_first_delivery_pays_without_a_look_up(
    process: Handler, given: Given, gateway: OrderGateway
) -> None:
    """In health there is one call per refund."""
    process(an_sqs_batch(given()))

    assert (gateway.attempts(), gateway.look_ups(), gateway.effects()) == (1, 0, 1)


def test_redelivery_asks_before_it_pays(
    process: Handler, process_impatiently: Handler, cloud: Cloud, given: Given,
    gateway: OrderGateway,
) -> None:  # fmt: skip
    """Paid, and the answer got lost: the look-up tells, there is no second order."""
    refund = given()
    gateway.behaves("hang_after_charge")
    assert failed_ids(process_impatiently(an_sqs_batch(refund)))
    wait_until(gateway.effects, lambda n: n == 1, what="the charge", timeout_s=5)
    gateway.behaves("ok")

    assert failed_ids(process(an_sqs_batch(refund, receive_count=2))) == []

    assert _status(cloud, refund) is Status.APPROVED
    assert (gateway.attempts(), gateway.look_ups(), gateway.effects()) == (1, 1, 1)


def test_redelivery_of_what_the_gateway_never_saw_is_paid(
    process: Handler, cloud: Cloud, given: Given, gateway: OrderGateway
) -> None:
    """404 alone leads to an order."""
    refund = given()
    gateway.behaves("fail")
    assert failed_ids(process(an_sqs_batch(refund)))
    gateway.behaves("ok")

    assert failed_ids(process(an_sqs_batch(refund, receive_count=2))) == []

    assert _status(cloud, refund) is Status.APPROVED
    assert (gateway.attempts(), gateway.look_ups(), gateway.effects()) == (2, 1, 1)


@pytest.mark.parametrize("receive_count", [1, 2])
def test_redrive_after_the_key_was_forgotten_pays_nothing(
    process: Handler, cloud: Cloud, given: Given, gateway: OrderGateway,
    receive_count: int,
) -> None:  # fmt: skip
    """A redriven message may count from 1 again: the refund's age is what counts."""
    refund = given(OLD)
    gateway.behaves("save_500")
    assert failed_ids(process(an_sqs_batch(refund)))
    gateway.forgets_keys()
    gateway.behaves("ok")

    event = an_sqs_batch(refund, receive_count=receive_count)
    assert failed_ids(process(event)) == []

    assert _status(cloud, refund) is Status.APPROVED
    assert gateway.effects() == 1


def test_saved_error_does_not_hide_a_payment(
    process: Handler, cloud: Cloud, given: Given, gateway: OrderGateway
) -> None:
    """The gateway replays it for the key for a day."""
    refund = given()
    gateway.behaves("save_500")
    assert failed_ids(process(an_sqs_batch(refund)))
    gateway.behaves("ok")

    assert failed_ids(process(an_sqs_batch(refund, receive_count=2))) == []

    assert _status(cloud, refund) is Status.APPROVED
    assert gateway.effects() == 1


def test_message_that_was_not_counted_is_asked_about(
    process: Handler, given: Given, gateway: OrderGateway
) -> None:
    """How often it was delivered is not known."""
    refund = given()
    gateway.behaves("save_500")
    assert failed_ids(process(an_sqs_batch(refund)))
    gateway.forgets_keys()
    record = a_record(refund)
    del record["attributes"]

    assert failed_ids(process({"Records": [record]})) == []

    assert (gateway.look_ups(), gateway.effects()) == (1, 1)


def test_duplicates_of_one_batch_go_by_the_highest_count(
    process: Handler, given: Given, gateway: OrderGateway
) -> None:
    """One of them was delivered before."""
    refund = given()
    gateway.behaves("fail")
    process(an_sqs_batch(refund))
    gateway.behaves("ok")
    counts = [{"ApproximateReceiveCount": count} for count in ("2", "1")]

    process({"Records": [a_record(refund, attributes=count) for count in counts]})

    assert (gateway.look_ups(), gateway.effects()) == (1, 1)


def test_pending_payment_is_asked_for_until_it_is_done(
    process: Handler, cloud: Cloud, given: Given, gateway: OrderGateway,
    measured: Lines,
) -> None:  # fmt: skip
    """202 is no approval; counted apart from failures."""
    refund = given()
    gateway.behaves("pending", times=2)
    for receive_count in (1, 2):
        event = an_sqs_batch(refund, receive_count=receive_count)
        assert failed_ids(process(event)) == message_ids(event)
        assert _status(cloud, refund) is Status.PENDING
    pending = measured()

    assert failed_ids(process(an_sqs_batch(refund, receive_count=3))) == []

    assert _status(cloud, refund) is Status.APPROVED
    assert gateway.effects() == 1
    assert [line["PaymentPending"] for line in pending] == [[1.0], [1.0]]
    assert not any("GatewayFailure" in line for line in pending)


@pytest.mark.parametrize("mode", ["empty", "garbage"])
def test_answer_without_a_name_is_no_approval(
    process: Handler, cloud: Cloud, given: Given, gateway: OrderGateway, mode: Mode,
) -> None:  # fmt: skip
    """A GatewayUrl that leads to any web server approves nothing."""
    refund = given()
    gateway.behaves(mode)
    event = an_sqs_batch(refund)

    assert failed_ids(process(event)) == message_ids(event)

    assert _status(cloud, refund) is Status.PENDING


def test_without_a_look_up_an_old_refund_waits_for_a_person(
    process_blindly: Handler, cloud: Cloud, given: Given, gateway: OrderGateway,
    written: Lines,
) -> None:  # fmt: skip
    """Never a second order once the key may be forgotten; log and metric say so."""
    refund = given(OLD)
    event = an_sqs_batch(refund)

    assert failed_ids(process_blindly(event)) == message_ids(event)

    assert _status(cloud, refund) is Status.PENDING
    assert (gateway.attempts(), gateway.look_ups()) == (0, 0)
    log, metrics = written()
    assert log["message"] == "refund waits for a person"
    assert log["level"] == "ERROR"
    assert "by hand" in log["cause"]
    assert metrics["RefundNeedsPerson"] == [1.0]


def test_without_a_look_up_a_young_refund_is_ordered_again(
    process_blindly: Handler, cloud: Cloud, given: Given, gateway: OrderGateway
) -> None:
    """The key protects."""
    refund = given()
    gateway.behaves("fail")
    assert failed_ids(process_blindly(an_sqs_batch(refund)))
    gateway.behaves("ok")

    assert failed_ids(process_blindly(an_sqs_batch(refund, receive_count=2))) == []

    assert _status(cloud, refund) is Status.APPROVED
    assert (gateway.attempts(), gateway.look_ups(), gateway.effects()) == (2, 0, 1)


def test_smoke_test_is_rejected_without_the_gateway(
    process: Handler, cloud: Cloud, gateway: OrderGateway
) -> None:
    """Also below the limit."""
    refund = cloud.given(a_refund("1", order_id=f"SMOKE-{gateway.order_id}"))

    assert failed_ids(process(an_sqs_batch(refund))) == []

    assert _status(cloud, refund) is Status.REJECTED
    assert gateway.gateway.charges(refund.request.order_id) == []
