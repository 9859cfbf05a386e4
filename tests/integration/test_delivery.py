"""At least once is what SQS and clients deliver; once is what happens to the money."""

import json
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import boto3
import pytest

from sam_harness.waiting import wait_until
from service.client import RefundClient
from service.functions import kill_processes, paused
from service.payment_gateway import PaymentGateway
from service.queues import Queues, a_message_for
from service.telemetry import FunctionLog

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient

PARALLEL_REQUESTS = 20


@pytest.fixture(scope="session")
def functions(session: boto3.Session) -> "LambdaClient":
    """Return a Lambda client."""
    return session.client("lambda")


def an_sqs_event(refund_id: str) -> bytes:
    """Return what the mapping hands to the Processor for one message."""
    record = {
        "messageId": str(uuid4()),
        "body": a_message_for(refund_id),
        "attributes": {"ApproximateReceiveCount": "1"},
    }
    return json.dumps({"Records": [record]}).encode()


def test_a_message_sent_twice_is_decided_once(  # noqa: PLR0913, PLR0917 - fixtures
    client: RefundClient,
    gateway: PaymentGateway,
    queues: Queues,
    functions: "LambdaClient",
    function_logs: dict[str, FunctionLog],
    an_order: str,
) -> None:
    """Duplicates in one batch, and one after the decision, ask the gateway once."""
    with paused(functions, client.stack.functions["processor"].live):
        refund_id = client.post(an_order, "10").json()["refundId"]
        queues.send(a_message_for(refund_id), a_message_for(refund_id))
    decided = client.wait_for_status(refund_id, "APPROVED")
    queues.send(a_message_for(refund_id))

    log = function_logs["processor"]
    log.wait_for_lines(refundId=refund_id, message="refund was decided before")
    assert client.refund(refund_id) == decided
    assert len(log.lines(refundId=refund_id, message="refund decided")) == 1
    charges = gateway.charges(an_order)
    assert [(one.attempts, one.effects) for one in charges] == [(1, 1)]
    wait_until(
        lambda: (queues.depth(), queues.dlq_depth()),
        lambda depths: depths == (0, 0),
        what="the duplicates to be gone",
        timeout_s=10,
    )


def test_two_processors_at_once_charge_once_and_write_once(
    client: RefundClient,
    gateway: PaymentGateway,
    functions: "LambdaClient",
    function_logs: dict[str, FunctionLog],
    an_order: str,
) -> None:
    """Both hold the gateway's answer before either writes; one finds it is late."""
    processor = client.stack.functions["processor"].live

    def race(order: str) -> tuple[str, object]:
        """Return the refund, and what the second Processor answered."""
        gateway.set_mode("hold", order_id_prefix=order)
        refund_id: str = client.post(order, "10").json()["refundId"]
        # The queue's own delivery is the first of the two.
        _await_attempts(gateway, order, 1)
        with ThreadPoolExecutor(1) as pool:
            invoked = pool.submit(
                functions.invoke,
                FunctionName=processor,
                Payload=an_sqs_event(refund_id),
            )
            _await_attempts(gateway, order, 2)
            gateway.set_mode("ok", order_id_prefix=order)
            answer = json.load(invoked.result()["Payload"])
        client.wait_for_status(refund_id, "APPROVED")
        return refund_id, answer

    race(f"{an_order}-warm-up")  # a cold start takes longer than the gateway may
    refund_id, answer = race(an_order)

    assert answer == {"batchItemFailures": []}
    charges = gateway.charges(an_order)
    assert [one.effects for one in charges if one.order_id == an_order] == [1]
    said = wait_until(
        lambda: Counter(
            line["message"]
            for line in function_logs["processor"].lines(refundId=refund_id)
        ),
        lambda messages: messages.total() >= 2,
        what="both Processors' logs",
        timeout_s=10,
    )
    assert said == {"refund decided": 1, "refund was decided meanwhile": 1}


def test_an_answer_that_got_lost_is_asked_for_again(
    client: RefundClient, gateway: PaymentGateway, an_order: str
) -> None:
    """Charged, then silence: the look-up tells of the charge, and nothing is paid."""
    gateway.set_mode("hang_after_charge", order_id_prefix=an_order)
    refund_id = client.post(an_order, "10").json()["refundId"]
    _await_attempts(gateway, an_order, 1)
    gateway.set_mode("ok", order_id_prefix=an_order)

    refund = client.wait_for_status(refund_id, "APPROVED")

    assert refund["status"] == "APPROVED"
    charges = gateway.charges(an_order)
    told = [(one.attempts, one.look_ups, one.effects) for one in charges]
    assert told == [(1, 1, 1)]


@pytest.mark.emulator_mode(
    "embedded", reason="a container's processes can't be killed from outside"
)
def test_a_processor_killed_after_the_charge_is_repaired_by_the_redelivery(
    client: RefundClient,
    gateway: PaymentGateway,
    function_logs: dict[str, FunctionLog],
    an_order: str,
) -> None:
    """The money moved and no record says it: one charge, APPROVED in the end."""
    gateway.set_mode("hang_after_charge", order_id_prefix=an_order)
    refund_id = client.post(an_order, "10").json()["refundId"]
    wait_until(
        lambda: [one.effects for one in gateway.charges(an_order)],
        lambda effects: effects == [1],
        what="the charge",
        timeout_s=10,
    )

    killed = kill_processes(client.stack.functions["processor"].name)
    gateway.set_mode("ok", order_id_prefix=an_order)

    assert killed
    client.wait_for_status(refund_id, "APPROVED")
    charges = gateway.charges(an_order)
    told = [(one.attempts, one.look_ups, one.effects) for one in charges]
    assert told == [(1, 1, 1)]
    # Nothing of the first invocation but the platform's own words.
    log = function_logs["processor"]
    lines = log.wait_for_lines(refundId=refund_id)
    assert [line["message"] for line in lines] == ["refund decided"]
    assert "signal: killed" in log.text()


def test_parallel_requests_with_one_key_are_one_refund(
    client: RefundClient,
    gateway: PaymentGateway,
    function_logs: dict[str, FunctionLog],
    an_order: str,
) -> None:
    """One record, one refundId, one charge, one decision, however many ask at once."""
    key = {"Idempotency-Key": str(uuid4())}
    with ThreadPoolExecutor(PARALLEL_REQUESTS) as pool:
        asked: list[Future[Any]] = [
            pool.submit(client.post, an_order, "10", headers=key)
            for _ in range(PARALLEL_REQUESTS)
        ]
    answers = [one.result() for one in asked]

    assert [answer.status_code for answer in answers] == [202] * PARALLEL_REQUESTS
    (refund_id,) = {answer.json()["refundId"] for answer in answers}
    client.wait_for_status(refund_id, "APPROVED")
    listed = client.get("/refunds", orderId=an_order).json()["refunds"]
    assert [refund["refundId"] for refund in listed] == [refund_id]
    assert [one.effects for one in gateway.charges(an_order)] == [1]
    decided = function_logs["processor"].wait_for_lines(
        refundId=refund_id, message="refund decided"
    )
    assert len(decided) == 1


def _await_attempts(gateway: PaymentGateway, order: str, attempts: int) -> None:
    wait_until(
        lambda: [
            one.attempts for one in gateway.charges(order) if one.order_id == order
        ],
        lambda seen: seen == [attempts],
        what=f"attempt {attempts} for {order}",
        timeout_s=10,
    )
