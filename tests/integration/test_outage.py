"""An outage of the gateway that ends by itself, with the queue's real mapping.

It lasts until a malformed message is dead, which takes eight receives a second apart;
the refunds' receives are further and further apart meanwhile.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import uuid4

import boto3
import pytest

from refunds.domain.processing import MAX_THREADS
from sam_harness.waiting import wait_until
from service.client import RefundClient
from service.deployed import DeployAnother, RefundService
from service.payment_gateway import PaymentGateway
from service.queues import DeadLetters, Queues, a_malformed_message, a_message_for
from service.telemetry import FunctionLog

REFUNDS = 20
PAUSE_S = 1
PATIENT = {
    "MaxReceiveCount": "8",
    # 1, 2, 4, 8 s, of each up to half less: five receives in ten seconds.
    "LongestRetrySeconds": "16",
    "GatewayPauseSeconds": str(PAUSE_S),
    # Whatever comes back within the test was told to, by the Processor.
    "VisibilityTimeoutSeconds": "120",
}
# An environment's breaker opens with the fifth failure; the threads of a batch are let
# in before that.
FINDING_OUT = 4 + MAX_THREADS
TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Outage:
    """What was seen at the end of an outage, and after it."""

    lasted_s: float
    calls: Mapping[str, int]
    environments: int
    dead: set[str]
    malformed: str
    statuses: set[str]
    decided: Mapping[str, str]
    refund_ids: tuple[str, ...]
    payments: Mapping[str, int]
    dead_afterwards: int


@pytest.fixture(scope="module")
def patient(deploy_another: DeployAnother) -> RefundService:
    """Return a stack of its own that is patient and leaves a gateway alone."""
    return deploy_another("outage", PATIENT)


@pytest.fixture(scope="module")
def outage(
    patient: RefundService, gateway: PaymentGateway, session: boto3.Session
) -> Outage:
    """Let the gateway fail for a while, and return what became of the refunds."""
    client, queues = RefundClient(patient), Queues(session.client("sqs"), patient)
    prefix, malformed = f"OUTAGE-{uuid4().hex[:8]}-", a_malformed_message()
    # For all, else it would still tell of what it has never seen.
    gateway.set_mode("fail")
    try:
        began_s = time.monotonic()
        queues.send(malformed)
        answers = [client.post(f"{prefix}{number}", "10") for number in range(REFUNDS)]
        refund_ids = tuple(answer.json()["refundId"] for answer in answers)
        seen = DeadLetters(queues).await_bodies([malformed], TIMEOUT_S)
        # In this order: what is called later belongs to a longer outage.
        charges = gateway.charges(prefix)
        lasted_s = time.monotonic() - began_s
        statuses = {client.refund(one)["status"] for one in refund_ids}
    finally:
        gateway.clear_mode()
    decided = {
        one: client.wait_for_status(one, "APPROVED", timeout_s=TIMEOUT_S)["status"]
        for one in refund_ids
    }
    wait_until(
        queues.depth, lambda left: left == 0, what="an empty queue", timeout_s=10
    )
    log = FunctionLog(
        session.client("logs"), f"/aws/lambda/{patient.functions['processor'].name}"
    )
    return Outage(
        lasted_s,
        {
            "to pay": sum(charge.attempts for charge in charges),
            "to tell": sum(charge.look_ups for charge in charges),
        },
        log.environments(),
        set(seen),
        malformed,
        statuses,
        decided,
        refund_ids,
        gateway.payments(prefix),
        queues.dlq_depth(),
    )


def test_no_refund_is_dead_and_what_is_broken_for_good_is(outage: Outage) -> None:
    """The malformed message alone; the refunds wait, undecided."""
    assert outage.dead == {outage.malformed}
    assert outage.statuses == {"PENDING"}
    assert outage.dead_afterwards == 1
    messages = {a_message_for(one) for one in outage.refund_ids}
    assert outage.dead.isdisjoint(messages)


@pytest.mark.parametrize("kind", ["to pay", "to tell"])
def test_gateway_that_is_out_is_called_no_more_than_once_a_pause(
    outage: Outage, kind: str
) -> None:
    """By each environment; how many there are depends on the machine."""
    by_one = FINDING_OUT + outage.lasted_s / PAUSE_S
    assert 5 <= outage.calls[kind] <= outage.environments * by_one


def test_all_are_decided_once_when_the_gateway_is_back(outage: Outage) -> None:
    """By themselves, with one payment each."""
    assert set(outage.decided.values()) == {"APPROVED"}
    assert outage.payments == dict.fromkeys(outage.refund_ids, 1)
