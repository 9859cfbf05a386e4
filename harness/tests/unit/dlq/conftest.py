"""A stack with two queues in moto, and the tool's clients for it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from uuid import uuid4

import pytest
from botocore.handlers import BUILTIN_HANDLERS
from moto.core import config
from moto.core.models import MockAWS

from harness.tests.unit.dlq.stacks import OURS, STACKS, no_mappings
from sam_harness.dlq import command
from sam_harness.dlq.queues import Clients, DeadLetterQueue, choose, connect


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
        """Return the bodies of all messages that a consumer can see."""
        answer = self.clients.sqs.receive_message(
            QueueUrl=self.dlq.queue.url, MaxNumberOfMessages=10, VisibilityTimeout=0
        )
        return {message["Body"] for message in answer.get("Messages", [])}


# Not for the session: what is put into botocore is in the way of other modules' tests.
@pytest.fixture(scope="module")
def stacks() -> Iterator[None]:
    """Let CloudFormation and Lambda answer clients that are made from now on."""
    handlers = [
        ("before-send.cloudformation", STACKS.answer),
        ("before-send.lambda.ListEventSourceMappings", no_mappings),
    ]
    core = config.default_user_config["core"]
    BUILTIN_HANDLERS.extend(handlers)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(core, "passthrough", {"urls": OURS, "services": []})
        # The command makes clients each time that it is run; here they may be the same.
        patch.setattr(command, "connect", cache(connect))
        yield
    for handler in handlers:
        BUILTIN_HANDLERS.remove(handler)


@pytest.fixture(scope="module")
def shared_clients(shared_moto: MockAWS, stacks: None) -> Clients:
    """Return clients of moto's account: making them takes 20 ms."""
    del shared_moto, stacks  # both answer by now
    return connect(None, "us-east-1")


@pytest.fixture
def clients(empty_aws: None, shared_clients: Clients) -> Clients:
    """Return clients of an account that is empty."""
    del empty_aws  # by now
    return shared_clients


@pytest.fixture
def place(clients: Clients) -> Place:
    """Return a stack whose queue has a DLQ."""
    stack = create_stack(clients, "orders")
    return Place(stack, clients, choose(clients, stack, None))


def create_stack(clients: Clients, *queues: str) -> str:
    """Create a stack with these queues, each with a DLQ called <queue>-dlq."""
    stack = f"stack-{uuid4().hex[:8]}"
    created = STACKS.queues[stack] = {}
    for name in queues:
        dlq = created[f"{name}Dlq"] = _create_queue(clients, f"{name}-dlq")
        answer = clients.sqs.get_queue_attributes(
            QueueUrl=dlq, AttributeNames=["QueueArn"]
        )
        target = answer["Attributes"]["QueueArn"]
        policy = {"deadLetterTargetArn": target, "maxReceiveCount": 3}
        created[name] = _create_queue(clients, name, RedrivePolicy=json.dumps(policy))
    if not queues:
        created["plain"] = _create_queue(clients, "plain")
    return stack


def _create_queue(clients: Clients, name: str, **attributes: str) -> str:
    created = clients.sqs.create_queue(
        QueueName=name,
        Attributes=attributes,  # type: ignore[arg-type] # one of the literals
    )
    return created["QueueUrl"]
