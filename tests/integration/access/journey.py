"""A refund's way through the deployed stack, and when the stack is fit for another."""

from dataclasses import dataclass
from functools import partial
from typing import Self
from uuid import uuid4

import boto3

from sam_harness.deploying.stack import DeployedStack
from sam_harness.errors import HarnessError
from sam_harness.waiting import wait_until
from service.client import RefundClient
from service.deployed import from_outputs
from service.queues import Queues, a_malformed_message
from service.telemetry import FunctionLog

# Also the longest that a mutant may go unnoticed: enough for a cold start.
DECIDED_S, DRAINED_S, LOGGED_S, RECOVERED_S = 5, 4, 3, 40


@dataclass(frozen=True, slots=True)
class Journey:
    """A refund's way through the whole stack, as somebody sees it who watches all."""

    client: RefundClient
    queues: Queues
    logs: tuple[FunctionLog, ...]

    @classmethod
    def through(cls, deployed: DeployedStack, session: boto3.Session, url: str) -> Self:
        """Return the journey through a stack on the LocalStack at ``url``."""
        name, outputs = deployed.name, deployed.outputs
        stack = from_outputs(name, outputs, session.client("apigateway"), url)
        logs = tuple(
            FunctionLog(session.client("logs"), f"/aws/lambda/{function.name}")
            for function in stack.functions.values()
        )
        return cls(RefundClient(stack), Queues(session.client("sqs"), stack), logs)

    def problem(self) -> str | None:
        """Return what went wrong; None: all went as it should."""
        try:
            self._take()
        except (AssertionError, HarnessError) as error:
            return str(error).splitlines()[0]
        return None

    def _take(self) -> None:
        order = f"ORDER-{uuid4().hex}"
        dead = self.queues.dlq_depth()
        accepted = self.client.post(order, "10")
        assert accepted.status_code == 202, f"POST answered {accepted.status_code}"
        refund_id = accepted.json()["refundId"]
        one = self.client.get(f"/refunds/{refund_id}")
        assert one.ok, f"GET of a refund answered {one.status_code}"
        listed = self.client.get("/refunds", orderId=order)
        assert listed.ok, f"GET of an order answered {listed.status_code}"
        self.client.wait_for_status(refund_id, "APPROVED", timeout_s=DECIDED_S)
        wait_until(
            self.queues.depth,
            lambda depth: depth == 0,
            what="the queue to be empty",
            timeout_s=DRAINED_S,
        )
        assert self.queues.dlq_depth() == dead, "a message is dead"
        for log in self.logs:
            wait_until(
                partial(log.invocations, refund_id),
                bool,
                what=f"the refund in {log.group.rpartition('-')[2]}'s log",
                timeout_s=LOGGED_S,
            )
        self._let_a_message_fail()

    def _let_a_message_fail(self) -> None:
        """Have a message delayed, which takes a permission that nothing else takes."""
        [log] = [one for one in self.logs if one.group.endswith("-processor")]
        sent = self.queues.sqs.send_message(
            QueueUrl=self.queues.stack.queue_url, MessageBody=a_malformed_message()
        )
        failed, *_ = wait_until(
            partial(log.lines, correlation_id=sent["MessageId"]),
            bool,
            what="a malformed message in the Processor's log",
            timeout_s=LOGGED_S,
        )
        # Else it would be dead in the midst of the next journey.
        self.queues.empty()
        said = log.lines(function_request_id=failed["function_request_id"])
        messages = {line["message"] for line in said}
        assert messages == {"malformed message"}, f"its failure led to {messages}"


def recover(journey: Journey) -> None:
    """Wait until the service works without any mutant: the control of what follows."""
    journey.queues.empty()
    wait_until(
        journey.problem,
        lambda problem: problem is None,
        what="the service to work without a mutant",
        timeout_s=RECOVERED_S,
    )
