"""What fails comes back when that helps, and a gateway that is out is left alone."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from refunds.domain.model import Refund, Status
from sam_harness.waiting import wait_until
from service.payment_gateway_rules import Mode
from unit.refunds.builders import a_refund, an_sqs_batch
from unit.refunds.cloud import QUEUE_URL, Cloud
from unit.refunds.entry_points import Handler, Lines, another_processor, handler_of
from unit.refunds.functions.answers import failed_ids, message_ids
from unit.refunds.order_gateway import OrderGateway

LONGEST_S = 120
FIRST_S = LONGEST_S / 16
BROKEN_S = 1
CALL = "provide-client-params.sqs.ChangeMessageVisibilityBatch"

type Received = Callable[..., dict[str, Any]]


@pytest.fixture
def received(cloud: Cloud) -> Received:
    """Return what sends messages and returns the event that brings them."""

    def receive(*bodies: str, count: int = 1) -> dict[str, Any]:
        for body in bodies:
            cloud.sqs.send_message(QueueUrl=QUEUE_URL, MessageBody=body)
        return {
            "Records": [
                {
                    "messageId": message["MessageId"],
                    "receiptHandle": message["ReceiptHandle"],
                    "body": message["Body"],
                    "attributes": {"ApproximateReceiveCount": str(count)},
                }
                for message in cloud.messages()
            ]
        }

    return receive


@pytest.fixture
def guarded(cloud: Cloud) -> Handler:
    """Return a Processor that knows of no outage yet, and leaves the gateway alone."""
    del cloud  # empty by now
    return handler_of(another_processor(GATEWAY_PAUSE_S="60"))


def _a_message_for(refund: Refund) -> str:
    return json.dumps({"version": 1, "refundId": refund.refund_id})


@pytest.fixture
def waits_s(cloud: Cloud) -> Iterator[dict[str, int]]:
    """Yield what SQS is told: receipt handle -> seconds until the next delivery."""
    told: dict[str, int] = {}

    def note(params: dict[str, Any], **_event: object) -> None:
        for entry in params["Entries"]:
            told[entry["ReceiptHandle"]] = entry["VisibilityTimeout"]

    cloud.sqs.meta.events.register(CALL, note)
    yield told
    cloud.sqs.meta.events.unregister(CALL, note)


def _assert_grown(wait_s: int, longest_s: float) -> None:
    """Chance takes up to half away; SQS takes whole seconds."""
    assert longest_s / 2 - 1 <= wait_s <= longest_s + 1


@pytest.mark.parametrize(
    ("count", "longest_s"), [(1, FIRST_S), (4, 8 * FIRST_S), (50, LONGEST_S)]
)
def test_failed_message_comes_back_the_later_the_more_often_it_failed(  # noqa: PLR0913, PLR0917 - fixtures
    process: Handler, cloud: Cloud, gateway: OrderGateway, received: Received,
    waits_s: dict[str, int], count: int, longest_s: float,
) -> None:  # fmt: skip
    """Instead of after the queue's visibility timeout, each time alike."""
    gateway.behaves("fail")
    refund = cloud.given(a_refund(order_id=gateway.order_id))
    # Its first order, so that the look-ups of the later ones find the gateway failing.
    process(an_sqs_batch(refund))
    event = received(_a_message_for(refund), count=count)

    assert failed_ids(process(event)) == message_ids(event)

    [wait_s] = waits_s.values()
    _assert_grown(wait_s, longest_s)


def test_pending_payment_is_given_longer(
    process: Handler, cloud: Cloud, gateway: OrderGateway, received: Received,
    waits_s: dict[str, int],
) -> None:  # fmt: skip
    """The gateway has the order, so more questions would not hasten it."""
    gateway.behaves("pending")
    refund = cloud.given(a_refund(order_id=gateway.order_id))
    process(an_sqs_batch(refund))
    event = received(_a_message_for(refund), count=50)

    process(event)

    [wait_s] = waits_s.values()
    _assert_grown(wait_s, 8 * LONGEST_S)


def test_what_is_broken_for_good_comes_back_at_once(
    process: Handler, cloud: Cloud, received: Received, logged: Lines
) -> None:
    """So it is in the DLQ, and seen there, long before an outage would be over."""
    event = received("malformed", _a_message_for(a_refund()), count=50)

    failed = failed_ids(process(event))

    assert failed == message_ids(event)
    assert len(logged()) == len(failed)
    came_back: set[str] = set()
    wait_until(
        lambda: came_back.update(one["MessageId"] for one in cloud.messages()),
        lambda _: came_back == set(failed),
        what="both messages",
        timeout_s=10,
    )


def test_messages_of_a_batch_wait_each_for_its_own_time(
    process: Handler, cloud: Cloud, gateway: OrderGateway, received: Received,
    waits_s: dict[str, int],
) -> None:  # fmt: skip
    """What was decided does not wait at all."""
    gateway.behaves("fail")
    bad = cloud.given(a_refund(order_id=gateway.order_id))
    process(an_sqs_batch(bad))
    good = cloud.given(a_refund())
    event = received("malformed", _a_message_for(bad), _a_message_for(good), count=9)
    handles = {one["body"]: one["receiptHandle"] for one in event["Records"]}

    process(event)

    assert waits_s.keys() == {handles["malformed"], handles[_a_message_for(bad)]}
    assert waits_s[handles["malformed"]] == BROKEN_S
    _assert_grown(waits_s[handles[_a_message_for(bad)]], LONGEST_S)


def test_message_that_cannot_be_delayed_is_reported_as_failed_all_the_same(
    process: Handler, cloud: Cloud, received: Received, logged: Lines
) -> None:
    """The queue's own visibility timeout holds; only the log tells."""
    event = received("malformed")
    cloud.delete_queue()

    failed = failed_ids(process(event))

    assert failed == [event["Records"][0]["messageId"]]
    *_, line = logged()
    assert line["message"] == "failed messages wait for the queue's visibility timeout"
    assert line["level"] == "ERROR"


def test_message_whose_handle_has_expired_holds_up_no_other(
    process: Handler, received: Received, logged: Lines, waits_s: dict[str, int]
) -> None:
    """SQS answers for each of them."""
    event = received("malformed", "malformed as well")
    event["Records"][0]["receiptHandle"] = "expired"

    assert failed_ids(process(event)) == message_ids(event)

    assert len(waits_s) == 2
    *_, line = logged()
    assert "ReceiptHandleIsInvalid" in line["cause"]


def test_batch_without_failures_makes_no_call_of_the_queue(
    process: Handler, cloud: Cloud, received: Received
) -> None:
    """What works costs what it did."""
    event = received(_a_message_for(cloud.given(a_refund())))
    called: list[object] = []
    note = lambda model, **_event: called.append(model.name)  # noqa: E731 - for botocore
    cloud.sqs.meta.events.register("before-call.sqs", note)

    assert failed_ids(process(event)) == []

    cloud.sqs.meta.events.unregister("before-call.sqs", note)
    assert called == []


@pytest.mark.parametrize("mode", ["fail", "reset", "empty"])
def test_gateway_that_is_out_is_left_alone(
    guarded: Handler, cloud: Cloud, gateway: OrderGateway, mode: Mode, logged: Lines
) -> None:
    """After five calls; the refunds fail at once, and wait for it as before."""
    gateway.behaves(mode)
    refunds = [
        cloud.given(a_refund(order_id=f"{gateway.order_id}-{one}")) for one in range(20)
    ]

    for refund in refunds:
        assert failed_ids(guarded(an_sqs_batch(refund)))

    assert gateway.attempts() + gateway.look_ups() == 5
    assert {cloud.store.get(one.refund_id).status for one in refunds} == {"PENDING"}
    lines = logged()
    assert {line["message"] for line in lines} == {"gateway failed"}
    assert "not called, it is out: " in lines[-1]["cause"]


def test_refunds_that_the_gateway_has_no_word_in_are_decided_while_it_is_out(
    guarded: Handler, cloud: Cloud, gateway: OrderGateway
) -> None:
    """Only what would be paid waits."""
    gateway.behaves("fail")
    for _ in range(6):
        guarded(an_sqs_batch(cloud.given(a_refund(order_id=gateway.order_id))))
    dear = cloud.given(a_refund("1000.01"))

    assert failed_ids(guarded(an_sqs_batch(dear))) == []

    assert cloud.store.get(dear.refund_id).status is Status.REJECTED


def test_refund_that_waits_for_the_gateway_counts_as_its_failure(
    guarded: Handler, cloud: Cloud, gateway: OrderGateway, measured: Lines
) -> None:
    """So the alarm goes on ringing while nothing is called."""
    gateway.behaves("fail")
    refunds = [cloud.given(a_refund(order_id=gateway.order_id)) for _ in range(8)]

    for refund in refunds:
        guarded(an_sqs_batch(refund))

    assert [line["GatewayFailure"] for line in measured()] == [[1.0]] * 8


def test_refunds_own_failures_keep_the_gateway_from_no_other(
    guarded: Handler, cloud: Cloud, gateway: OrderGateway
) -> None:
    """Pending is an answer."""
    gateway.behaves("pending")
    for _ in range(8):
        guarded(an_sqs_batch(cloud.given(a_refund(order_id=gateway.order_id))))
    other = cloud.given(a_refund())

    assert failed_ids(guarded(an_sqs_batch(other))) == []

    assert gateway.attempts() == 8
