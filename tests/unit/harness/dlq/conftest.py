"""A stack with two queues in moto, and the tool's clients for it."""

import json
from dataclasses import dataclass
from uuid import uuid4

import pytest

from harness.dlq.clients import Clients, connect
from harness.dlq.discovery import DeadLetterQueue, choose


@dataclass(frozen=True, slots=True)
class Place:
    """A stack of moto's, with a queue and its DLQ."""

    stack: str
    clients: Clients
    dlq: DeadLetterQueue

    def send_to_dlq(self, *bodies: str) -> None:
        """Put messages straight into the DLQ."""
        for body in bodies:
            self.clients.sqs.send_message(QueueUrl=self.dlq.queue.url, MessageBody=body)

    def bodies_in_dlq(self) -> set[str]:
        """Return the bodies of all messages that anybody can see."""
        answer = self.clients.sqs.receive_message(
            QueueUrl=self.dlq.queue.url, MaxNumberOfMessages=10, VisibilityTimeout=0
        )
        return {message["Body"] for message in answer.get("Messages", [])}


@pytest.fixture
def clients(empty_aws: None) -> Clients:
    """Return clients of an account that is empty."""
    del empty_aws  # by now
    return connect(None, "us-east-1")


@pytest.fixture
def place(clients: Clients) -> Place:
    """Return a stack whose queue has a DLQ."""
    stack = create_stack(clients, "orders")
    return Place(stack, clients, choose(clients, stack, None))


def create_stack(clients: Clients, *queues: str) -> str:
    """Create a stack with these queues, each with a DLQ called <queue>-dlq."""
    stack = f"stack-{uuid4().hex[:8]}"
    resources = {}
    for queue in queues:
        resources[f"{queue}Dlq"] = {
            "Type": "AWS::SQS::Queue",
            "Properties": {"QueueName": f"{queue}-dlq"},
        }
        target = {"Fn::GetAtt": [f"{queue}Dlq", "Arn"]}
        resources[queue] = {
            "Type": "AWS::SQS::Queue",
            "Properties": {
                "QueueName": queue,
                "RedrivePolicy": {"deadLetterTargetArn": target, "maxReceiveCount": 3},
            },
        }
    if not queues:
        resources["plain"] = {
            "Type": "AWS::SQS::Queue",
            "Properties": {"QueueName": "plain"},
        }
    clients.cloudformation.create_stack(
        StackName=stack, TemplateBody=json.dumps({"Resources": resources})
    )
    return stack
