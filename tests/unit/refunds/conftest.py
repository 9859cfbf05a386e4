"""One moto and one loopback payment gateway for all tests; each test starts empty."""

import json
import logging
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest
from moto.core.models import MockAWS

from refund_stack.payment_gateway import PaymentGateway
from refund_stack.payment_gateway_rules import Mode
from refunds.aws import dynamodb_client, sqs_client
from refunds.item import to_item
from refunds.model import Decision, Refund, Status
from refunds.store import RefundStore
from unit.refunds.builders import AContext, an_order_id

TABLE_NAME = "refund-table"
QUEUE_NAME = "refund-queue"
QUEUE_URL = f"https://sqs.us-east-1.amazonaws.com/123456789012/{QUEUE_NAME}"
READ_TIMEOUT_S = 0.5

ENVIRONMENT = {
    "AWS_DEFAULT_REGION": "us-east-1",
    "STAGE": "test",
    "POWERTOOLS_SERVICE_NAME": "refunds",
    "POWERTOOLS_METRICS_NAMESPACE": "Refunds",
    "TABLE_NAME": TABLE_NAME,
    "QUEUE_URL": QUEUE_URL,
    "ORDER_INDEX_NAME": "GSI1",
    "DECISION_LIMIT": "1000",
    "GATEWAY_CONNECT_TIMEOUT_S": "0.5",
    "GATEWAY_READ_TIMEOUT_S": str(READ_TIMEOUT_S),
}


@dataclass(frozen=True, slots=True)
class Cloud:
    """The table and the queue that a test finds empty."""

    dynamodb: Any
    sqs: Any

    @property
    def store(self) -> RefundStore:
        """The table as the service sees it."""
        return RefundStore(self.dynamodb, TABLE_NAME)

    def items(self) -> list[dict[str, Any]]:
        """Return every item of the table."""
        items: list[dict[str, Any]] = self.dynamodb.scan(TableName=TABLE_NAME)["Items"]
        return items

    def messages(self) -> list[dict[str, Any]]:
        """Receive at most ten messages, with all their attributes."""
        answer = self.sqs.receive_message(
            QueueUrl=QUEUE_URL,
            MaxNumberOfMessages=10,
            MessageAttributeNames=["All"],
            MessageSystemAttributeNames=["All"],
        )
        messages: list[dict[str, Any]] = answer.get("Messages", [])
        return messages

    def given(self, refund: Refund) -> Refund:
        """Put a refund into the table, decided ones included."""
        pending = replace(refund, status=Status.PENDING)
        self.dynamodb.put_item(TableName=TABLE_NAME, Item=to_item(pending))
        if refund.status is not Status.PENDING:
            decision = Decision(refund.status, "decided before")
            self.store.save_decision(pending, decision, refund.updated_at)
        return refund

    def delete_table(self) -> None:
        """Make the table unavailable."""
        self.dynamodb.delete_table(TableName=TABLE_NAME)

    def create_table(self) -> None:
        """Create the table as template.yaml does."""
        keys = ("PK", "SK", "GSI1PK", "GSI1SK")
        schema = [
            {"AttributeName": name, "KeyType": kind}
            for name, kind in zip(keys, ("HASH", "RANGE") * 2, strict=True)
        ]
        self.dynamodb.create_table(
            TableName=TABLE_NAME,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"} for name in keys
            ],
            KeySchema=schema[:2],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "GSI1",
                    "KeySchema": schema[2:],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
        )

    def delete_queue(self) -> None:
        """Make the queue unavailable."""
        self.sqs.delete_queue(QueueUrl=QUEUE_URL)

    def create_queue(self) -> None:
        """Create the queue, empty."""
        self.sqs.create_queue(QueueName=QUEUE_NAME)


@pytest.fixture(scope="session")
def shared_gateway() -> Iterator[PaymentGateway]:
    """Run the loopback payment gateway for the whole session."""
    with PaymentGateway() as gateway:
        yield gateway


@pytest.fixture(scope="session", autouse=True)
def environment(shared_gateway: PaymentGateway) -> Iterator[None]:
    """Set what the functions read of their environment."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        patch.setenv("GATEWAY_URL", shared_gateway.url)
        yield


@pytest.fixture(scope="session")
def entry_points(environment: None, shared_moto: MockAWS) -> dict[str, ModuleType]:
    """Import the entry points, whose clients then talk to moto."""
    del environment, shared_moto  # set and started by now
    names = ("receiver", "processor", "reader")
    modules = {name: import_module(f"refunds.{name}") for name in names}
    for handler in logging.getLogger(ENVIRONMENT["POWERTOOLS_SERVICE_NAME"]).handlers:
        assert isinstance(handler, logging.StreamHandler)
        handler.stream = _StandardOutput()
    return modules


class _StandardOutput:
    """Standard output as it is now: pytest replaces it for every test."""

    def write(self, text: str) -> None:
        sys.stdout.write(text)

    def flush(self) -> None:
        sys.stdout.flush()


@pytest.fixture(scope="session")
def shared_cloud(entry_points: dict[str, ModuleType]) -> Cloud:
    """Return the service's own clients: building others takes 50 ms each."""
    del entry_points  # imported by now
    return Cloud(dynamodb_client(), sqs_client())


@pytest.fixture
def cloud(shared_moto: MockAWS, shared_cloud: Cloud) -> Cloud:
    """Return an empty table and an empty queue."""
    shared_moto.reset()
    shared_cloud.create_table()
    shared_cloud.create_queue()
    return shared_cloud


type Handler = Callable[..., dict[str, Any]]


def _handler(module: ModuleType) -> Handler:
    def handle(event: object, timeout_s: float = 30.0) -> dict[str, Any]:
        answer: dict[str, Any] = module.handler(event, AContext(timeout_s=timeout_s))
        return answer

    return handle


@pytest.fixture
def receive(cloud: Cloud, entry_points: dict[str, ModuleType]) -> Handler:
    """Return the Receiver, ready to be called with an event."""
    del cloud  # empty by now
    return _handler(entry_points["receiver"])


@pytest.fixture
def process(cloud: Cloud, entry_points: dict[str, ModuleType]) -> Handler:
    """Return the Processor, ready to be called with an event."""
    del cloud  # empty by now
    return _handler(entry_points["processor"])


@pytest.fixture
def read(cloud: Cloud, entry_points: dict[str, ModuleType]) -> Handler:
    """Return the Reader, ready to be called with an event."""
    del cloud  # empty by now
    return _handler(entry_points["reader"])


@dataclass(frozen=True, slots=True)
class OrderGateway:
    """The loopback gateway as one test sees it: rules and charges of its order."""

    gateway: PaymentGateway
    order_id: str

    def behaves(self, mode: Mode, *, delay_s: float = 0) -> None:
        """Behave like this towards this test's orders."""
        self.gateway.set_mode(mode, delay_s=delay_s, order_id_prefix=self.order_id)

    def attempts(self) -> int:
        """How often the gateway was asked."""
        return sum(charge.attempts for charge in self.gateway.charges(self.order_id))

    def effects(self) -> int:
        """How often money moved."""
        return sum(charge.effects for charge in self.gateway.charges(self.order_id))


@pytest.fixture
def gateway(shared_gateway: PaymentGateway) -> Iterator[OrderGateway]:
    """Return the gateway's side of an order that only this test knows."""
    order = OrderGateway(shared_gateway, an_order_id("gw"))
    yield order
    shared_gateway.clear_mode(order.order_id)


type Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str]) -> Lines:
    """Return what was written to standard output since the last look, as JSON."""

    def look() -> list[dict[str, Any]]:
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return look


@pytest.fixture
def logged(written: Lines) -> Lines:
    """Return the log lines since the last look, without the metrics."""
    return lambda: [line for line in written() if "_aws" not in line]


@pytest.fixture
def measured(written: Lines) -> Lines:
    """Return the metric lines since the last look."""
    return lambda: [line for line in written() if "_aws" in line]
