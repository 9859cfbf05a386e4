"""A refund that the payment gateway does not answer: DLQ, redrive, ending."""

import json
from dataclasses import dataclass, field

import boto3
import pytest

from e2e.gateway_outage import GatewayOutage
from e2e.made import Made
from sam_harness import cli
from sam_harness.waiting import wait_until
from service.client import RefundClient
from service.deployed import Stage
from service.queues import DeadLetters, Queues, a_message_for


@dataclass(slots=True)
class DeadLetter:
    """Watches the DLQ for the message of one refund."""

    queues: Queues
    timeout_s: float
    refund_id: str
    _seen: DeadLetters = field(init=False)

    def arrives(self) -> None:
        """Wait until the message is in the DLQ."""
        self._seen = DeadLetters(self.queues)
        wait_until(
            self._seen.look,
            lambda seen: a_message_for(self.refund_id) in seen,
            what=f"the message of refund {self.refund_id} to reach the DLQ",
            timeout_s=self.timeout_s,
            poll_s=0.5,
        )

    def remove(self) -> None:
        """Delete the message from the DLQ."""
        self._seen.delete([a_message_for(self.refund_id)])


@pytest.fixture
def dead_letter(
    stage: Stage, session: boto3.Session, made: Made, outage: GatewayOutage
) -> DeadLetter:
    """Ask for a refund during the outage."""
    answer = made.post(outage.order_id, "75.00")
    assert answer.status_code == 202, answer.text
    queues = Queues(session.client("sqs"), stage.stack)
    return DeadLetter(queues, _time_to_die_s(queues), answer.json()["refundId"])


@pytest.mark.not_on_production(reason="the payment gateway would have to fail")
def test_a_refund_that_is_never_answered_can_be_redriven(
    dead_letter: DeadLetter, outage: GatewayOutage, client: RefundClient, made: Made
) -> None:
    """It waits PENDING in the DLQ; a redrive gives it all its attempts again.

    The simulated gateway never answers such a refund: it comes back to the DLQ, from
    where the test removes it.
    """
    refund_id, stack = dead_letter.refund_id, client.stack
    dead_letter.arrives()
    waiting = client.refund(refund_id)["status"]

    outage.end()
    status = cli.main(["dlq", "redrive", "--stack", stack.name])

    assert (waiting, status) == ("PENDING", 0)
    if outage.can_end:
        assert made.wait_until_final(refund_id) == "APPROVED"
    else:
        dead_letter.arrives()
        dead_letter.remove()
        made.abandon(refund_id)
        assert client.refund(refund_id)["status"] == "PENDING"


def _time_to_die_s(queues: Queues) -> float:
    """Return how long a message may take to the DLQ: all receives, and some slack."""
    attributes = queues.sqs.get_queue_attributes(
        QueueUrl=queues.stack.queue_url,
        AttributeNames=["VisibilityTimeout", "RedrivePolicy"],
    )["Attributes"]
    receives = int(json.loads(attributes["RedrivePolicy"])["maxReceiveCount"])
    return receives * float(attributes["VisibilityTimeout"]) + 60
