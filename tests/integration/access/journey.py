"""A refund's way through the deployed stack, and when the stack is fit for another."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Self
from uuid import uuid4

import boto3

from sam_harness.deploying.stack import DeployedStack
from sam_harness.errors import HarnessError
from sam_harness.waiting import wait_until
from service.client import RefundClient
from service.deployed import from_outputs
from service.lost import put_lost_refund, sweep
from service.queues import Queues, a_malformed_message
from service.telemetry import FunctionLog

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_lambda import LambdaClient

# Also the longest that a mutant may go unnoticed: enough for a cold start.
DECIDED_S, DRAINED_S, LOGGED_S, RECOVERED_S = 5, 4, 3, 40


@dataclass(frozen=True, slots=True)
class Journey:
    """A refund's way through the whole stack, as somebody sees it who watches all.

    Another one, which was lost, is found and sent again.
    """

    client: RefundClient
    queues: Queues
    logs: Mapping[str, FunctionLog]
    dynamodb: "DynamoDBClient"
    functions: "LambdaClient"

    @classmethod
    def through(cls, deployed: DeployedStack, session: boto3.Session, url: str) -> Self:
        """Return the journey through a stack on the LocalStack at ``url``."""
        name, outputs = deployed.name, deployed.outputs
        stack = from_outputs(name, outputs, session.client("apigateway"), url)
        logs = {
            name: FunctionLog(session.client("logs"), f"/aws/lambda/{function.name}")
            for name, function in stack.functions.items()
        }
        return cls(
            RefundClient(stack),
            Queues(session.client("sqs"), stack),
            logs,
            session.client("dynamodb"),
            session.client("lambda"),
        )

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
        lost = put_lost_refund(self.dynamodb, self.client.stack, order)
        sweep(self.functions, self.client.stack)
        # Sent again by this sweep, or by the schedule's that was at it just then.
        self.client.wait_for_status(lost, "APPROVED", timeout_s=DECIDED_S)
        wait_until(
            self.queues.depth,
            lambda depth: depth == 0,
            what="the queue to be empty",
            timeout_s=DRAINED_S,
        )
        assert self.queues.dlq_depth() == dead, "a message is dead"
        for name, log in self.logs.items():
            wait_until(
                partial(log.invocations, lost if name == "sweeper" else refund_id),
                bool,
                what=f"the refund in {name}'s log",
                timeout_s=LOGGED_S,
            )
        self._let_a_message_fail()

    def _let_a_message_fail(self) -> None:
        """Have a message delayed, which takes a permission that nothing else takes."""
        log = self.logs["processor"]
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
