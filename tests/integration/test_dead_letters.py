"""A gateway outage: into the DLQ, back in vain, and back for good; nothing is lost.

The story takes several visibility timeouts, so it is told once, in phases (the
fixtures); each phase hands its tests what was seen.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from sam_harness.waiting import wait_until
from service.client import RefundClient
from service.outage import DEAD_TIMEOUT_S, Outage, break_out
from service.parameters import IMPATIENT
from service.payment_gateway import PaymentGateway
from service.queues import DeadLetters, Ended, Operator, Queues, a_message_for
from service.telemetry import FunctionLog

MAX_RECEIVE_COUNT = int(IMPATIENT["MaxReceiveCount"])


@dataclass(frozen=True, slots=True)
class RedrivenInVain:
    """What two redrives during the outage led to; the first one was interrupted."""

    interrupted: Ended
    dead: Mapping[str, Any]
    attempts: int
    refund: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Redriven:
    """What the redrive after the outage led to."""

    refund: Mapping[str, Any]
    attempts: int
    effects: int


@dataclass(frozen=True, slots=True)
class Scene:
    """Who takes part in the story."""

    client: RefundClient
    gateway: PaymentGateway
    queues: Queues
    operator: Operator


@pytest.fixture(scope="module")
def scene(
    client: RefundClient, gateway: PaymentGateway, queues: Queues, operator: Operator
) -> Scene:
    """Return who takes part."""
    return Scene(client, gateway, queues, operator)


@pytest.fixture(scope="module")
def outage(scene: Scene, session: boto3.Session) -> Iterator[Outage]:
    """Yield the outage once its messages are in the DLQ."""
    functions = session.client("lambda")
    yield break_out(scene.client, scene.gateway, scene.queues, functions)
    scene.queues.empty()


@pytest.fixture(scope="module")
def peeked(outage: Outage, scene: Scene) -> Ended:
    """Return what the operator sees in the DLQ."""
    assert outage.dead, "no message has reached the DLQ"
    return scene.operator.dlq("peek")


@pytest.fixture(scope="module")
def redriven_in_vain(outage: Outage, peeked: Ended, scene: Scene) -> RedrivenInVain:
    """Move the messages back too early, at first one per second until Ctrl-C."""
    assert peeked.status == 0, peeked.output
    interrupted = scene.operator.interrupted_dlq(
        "redrive", "--per-second", "1", after="  moved "
    )
    scene.queues.redrive()
    dead = DeadLetters(scene.queues).await_bodies(outage.sent.dying, DEAD_TIMEOUT_S)
    return RedrivenInVain(
        interrupted,
        dead,
        scene.gateway.charges(f"{outage.sent.prefix}doomed")[0].calls,
        scene.client.refund(outage.sent.doomed),
    )


@pytest.fixture(scope="module")
def redriven(
    outage: Outage, redriven_in_vain: RedrivenInVain, scene: Scene
) -> Redriven:
    """End the outage and move the refund's message back once more."""
    letters = DeadLetters(scene.queues)
    letters.await_bodies(redriven_in_vain.dead.keys(), timeout_s=5)
    letters.delete(outage.sent.dying[1:])
    order = f"{outage.sent.prefix}doomed"
    scene.gateway.set_mode("ok", order_id_prefix=order)
    scene.queues.redrive()
    refund = scene.client.wait_for_status(outage.sent.doomed, "APPROVED")
    charge = scene.gateway.charges(order)[0]
    return Redriven(refund, charge.calls, charge.effects)


def test_a_message_fails_exactly_as_often_as_it_may_be_received(
    outage: Outage,
) -> None:
    """Each receive is one attempt; the look into the DLQ counts as one more."""
    message = outage.dead[a_message_for(outage.sent.doomed)]

    assert outage.attempts == MAX_RECEIVE_COUNT
    received = int(message["Attributes"]["ApproximateReceiveCount"])
    assert received == MAX_RECEIVE_COUNT + 1


def test_the_dlq_stays_empty_until_the_last_attempt(outage: Outage) -> None:
    """No message is given up early."""
    early = [seen for seen in outage.sightings if seen.attempts < MAX_RECEIVE_COUNT]

    assert {seen.attempts for seen in early} >= set(range(1, MAX_RECEIVE_COUNT))
    assert [seen for seen in early if seen.dead_letters] == []


def test_a_message_reaches_the_dlq_whole(outage: Outage) -> None:
    """Body, attributes, trace header, and where it came from."""
    message = outage.dead[a_message_for(outage.sent.doomed)]

    assert message["MessageAttributes"] == {
        "correlationId": {
            "DataType": "String",
            "StringValue": outage.sent.correlation_id,
        }
    }
    root, _, _ = outage.sent.doomed_trace.partition(";")
    assert root.startswith("Root=1-")
    assert message["Attributes"]["AWSTraceHeader"].startswith(f"{root};")
    source = message["Attributes"]["DeadLetterQueueSourceArn"]
    assert source.endswith("-queue")


def test_a_refund_whose_message_is_dead_is_still_pending(
    redriven_in_vain: RedrivenInVain,
) -> None:
    """Nothing was decided and nothing was paid: it can still go either way."""
    assert redriven_in_vain.refund["status"] == "PENDING"
    assert "decisionReason" not in redriven_in_vain.refund


def test_the_neighbours_in_the_batch_are_decided_once(
    outage: Outage,
    client: RefundClient,
    gateway: PaymentGateway,
    function_logs: dict[str, FunctionLog],
) -> None:
    """One failed record is delivered again alone."""
    log = function_logs["processor"]
    first_failure, *_ = log.wait_for_lines(refundId=outage.sent.doomed)
    for number, neighbour in enumerate(outage.sent.neighbours, start=1):
        client.wait_for_status(neighbour, "APPROVED")
        lines = log.wait_for_lines(refundId=neighbour)
        batch = first_failure["function_request_id"]

        assert [line["message"] for line in lines] == ["refund decided"]
        assert lines[0]["function_request_id"] == batch, "not in the same batch"
        charges = gateway.charges(f"{outage.sent.prefix}neighbour-{number}")
        assert [(one.attempts, one.effects) for one in charges] == [(1, 1)]


@pytest.mark.parametrize("kind", ["malformed", "unknown"])
def test_a_message_that_can_never_succeed_is_kept(
    outage: Outage, redriven_in_vain: RedrivenInVain, kind: str
) -> None:
    """It is received as often as any other, and nothing ever deletes it."""
    body = getattr(outage.sent, kind)

    message = outage.dead[body]
    received = int(message["Attributes"]["ApproximateReceiveCount"])
    assert received == MAX_RECEIVE_COUNT + 1
    assert body in redriven_in_vain.dead


def test_the_operator_sees_why_each_message_failed(
    outage: Outage, peeked: Ended
) -> None:
    """Peek: refundId, receives, age and the last error of the Processor's log."""
    assert peeked.status == 0, peeked.output
    by_message = {
        text.split()[0]: text for text in peeked.output.split("\n\n") if "sent" in text
    }
    doomed, malformed, unknown = (
        by_message[outage.dead[body]["MessageId"]] for body in outage.sent.dying[:3]
    )
    assert f"refundId: {outage.sent.doomed}" in doomed
    assert "last error: gateway failed: ReadTimeoutError" in doomed
    assert f"body: {outage.sent.malformed}" in malformed
    assert "last error: malformed message: not JSON" in malformed
    assert "last error: refund not decided: there is no such refund" in unknown
    assert " s ago, received " in doomed


def test_an_interrupted_redrive_loses_nothing(
    outage: Outage, redriven_in_vain: RedrivenInVain
) -> None:
    """Ctrl-C cancels the task; each message is in one of the two queues."""
    ended = redriven_in_vain.interrupted

    assert ended.status == 130, ended.output
    assert "interrupted: cancelling" in ended.output
    assert "left in" in ended.output
    assert ": 0 messages" not in ended.output
    assert redriven_in_vain.dead.keys() == set(outage.sent.dying)


def test_a_redrive_during_the_outage_comes_back_to_the_dlq(
    outage: Outage, redriven_in_vain: RedrivenInVain
) -> None:
    """The receive count begins anew, and so do the attempts."""
    assert a_message_for(outage.sent.doomed) in redriven_in_vain.dead
    assert redriven_in_vain.attempts == 2 * MAX_RECEIVE_COUNT


def test_a_redrive_after_the_outage_charges_exactly_once(
    redriven: Redriven, redriven_in_vain: RedrivenInVain
) -> None:
    """APPROVED in the end: a look-up that finds nothing, then the one order."""
    assert redriven.refund["status"] == "APPROVED"
    assert redriven.attempts == redriven_in_vain.attempts + 2
    assert redriven.effects == 1


@pytest.mark.usefixtures("redriven")
def test_both_queues_are_empty_after_the_redrive(queues: Queues) -> None:
    """The message was deleted once it was done."""
    wait_until(
        lambda: (queues.depth(), queues.dlq_depth()),
        lambda depths: depths == (0, 0),
        what="refund queue and DLQ to be empty",
        timeout_s=10,
    )
