"""The refund queue and its DLQ, as a test and as an operator reaches them."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import uuid4

from sam_harness.waiting import DeadlineError, wait_until
from service.deployed import RefundService

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from types_boto3_sqs import SQSClient
    from types_boto3_sqs.literals import QueueAttributeFilterType
    from types_boto3_sqs.type_defs import MessageTypeDef

_COUNTS: "Sequence[QueueAttributeFilterType]" = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)

COMMAND_TIMEOUT_S = 60


@dataclass(frozen=True, slots=True)
class Queues:
    """The refund queue and its DLQ."""

    sqs: "SQSClient"
    stack: RefundService

    def send(self, *bodies: str) -> None:
        """Put messages into the refund queue, in one call."""
        entries = [
            {"Id": str(number), "MessageBody": body}
            for number, body in enumerate(bodies)
        ]
        answer = self.sqs.send_message_batch(
            QueueUrl=self.stack.queue_url,
            Entries=entries,  # type: ignore[arg-type] # they are such typed dicts
        )
        assert not answer.get("Failed"), answer

    def depth(self) -> int:
        """Return how many messages wait in the refund queue or are being processed."""
        return self._count(self.stack.queue_url)

    def dlq_depth(self) -> int:
        """Return how many messages are in the DLQ, received ones included."""
        return self._count(self.stack.dlq_url)

    def redrive(self) -> None:
        """Move all messages of the DLQ back to the refund queue, and wait for that."""
        self.sqs.start_message_move_task(SourceArn=self.stack.dlq_arn)
        wait_until(
            lambda: self.sqs.list_message_move_tasks(SourceArn=self.stack.dlq_arn)[
                "Results"
            ],
            lambda tasks: bool(tasks) and tasks[0]["Status"] == "COMPLETED",
            what="the DLQ's messages to be moved",
            timeout_s=10,
        )

    def empty(self) -> None:
        """Purge both queues."""
        self.sqs.purge_queue(QueueUrl=self.stack.queue_url)
        self.sqs.purge_queue(QueueUrl=self.stack.dlq_url)

    def _count(self, url: str) -> int:
        counts = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=_COUNTS)
        return sum(int(count) for count in counts["Attributes"].values())


@dataclass(slots=True)
class DeadLetters:
    """Watches the DLQ; each message is remembered as it was when first seen."""

    queues: Queues
    _seen: dict[str, "MessageTypeDef"] = field(default_factory=dict)

    def look(self) -> dict[str, "MessageTypeDef"]:
        """Return body -> message of all that are, or were, in the DLQ."""
        answer = self.queues.sqs.receive_message(
            QueueUrl=self.queues.stack.dlq_url,
            MaxNumberOfMessages=10,
            VisibilityTimeout=0,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        for message in answer.get("Messages", []):
            self._seen.setdefault(message["Body"], message)
        return dict(self._seen)

    def await_bodies(
        self, bodies: "Collection[str]", timeout_s: float
    ) -> dict[str, "MessageTypeDef"]:
        """Return what was seen once all of these were, or when time is up.

        The tests say what is missing: each of them about its own message.
        """
        try:
            return wait_until(
                self.look,
                lambda seen: seen.keys() >= set(bodies),
                what="the messages to reach the DLQ",
                timeout_s=timeout_s,
            )
        except DeadlineError:
            return self.look()

    def delete(self, bodies: "Collection[str]") -> None:
        """Delete these messages from the DLQ."""
        for body in bodies:
            self.queues.sqs.delete_message(
                QueueUrl=self.queues.stack.dlq_url,
                ReceiptHandle=self._seen[body]["ReceiptHandle"],
            )


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    status: int
    output: str


@dataclass(frozen=True, slots=True)
class Operator:
    """Runs an operator's commands with the credentials of the stack's account."""

    stack: RefundService
    account_id: str

    def dlq(self, *arguments: str) -> Ended:
        """Run ``sam-harness dlq`` on the stack, to its end."""
        return self._run("sam_harness", "dlq", *arguments)

    def undecided(self, *arguments: str) -> Ended:
        """Run ``tox -e undecided`` on the stack, to its end."""
        return self._run("service.undecided", *arguments)

    def interrupted_dlq(self, *arguments: str, after: str) -> Ended:
        """Press Ctrl-C as soon as a line of the output begins with ``after``."""
        with self._start("sam_harness", "dlq", *arguments) as process:
            assert process.stdout
            output = ""
            for line in process.stdout:
                output += line
                if line.startswith(after):
                    process.send_signal(signal.SIGINT)
                    break
            rest, _ = process.communicate(timeout=COMMAND_TIMEOUT_S)
            return Ended(process.returncode, output + rest)

    def _run(self, module: str, *arguments: str) -> Ended:
        with self._start(module, *arguments) as process:
            output, _ = process.communicate(timeout=COMMAND_TIMEOUT_S)
            return Ended(process.returncode, output)

    def _start(self, module: str, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", module, *arguments,
             "--stack", self.stack.name, "--region", self.stack.region,
             "--endpoint-url", self.stack.endpoint_url],
            env={
                **os.environ,
                "AWS_ACCESS_KEY_ID": self.account_id,
                "AWS_SECRET_ACCESS_KEY": "test",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )  # fmt: skip


def a_message_for(refund_id: str) -> str:
    """Return the body of a message that asks for this refund's decision."""
    return json.dumps({"version": 1, "refundId": refund_id})


def a_malformed_message() -> str:
    """Return a body that is no message of the Receiver's."""
    return f"malformed {uuid4()}"
