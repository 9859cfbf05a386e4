"""One moto and one loopback payment gateway for all tests; each test starts empty."""

import json
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from moto.core.models import MockAWS

from refunds.adapters.aws import dynamodb_client, sqs_client
from sam_harness.localstack.corrections.dynamodb import moto_backend
from service.payment_gateway import PaymentGateway
from unit.refunds.builders import an_order_id
from unit.refunds.cloud import Cloud
from unit.refunds.entry_points import (
    ENVIRONMENT,
    Handler,
    Lines,
    handler_of,
    import_entry_points,
)
from unit.refunds.order_gateway import OrderGateway


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
    moto_backend.install()
    return import_entry_points()


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


@pytest.fixture
def receive(cloud: Cloud, entry_points: dict[str, ModuleType]) -> Handler:
    """Return the Receiver, ready to be called with an event."""
    del cloud  # empty by now
    return handler_of(entry_points["receiver"])


@pytest.fixture
def process(cloud: Cloud, entry_points: dict[str, ModuleType]) -> Handler:
    """Return the Processor, ready to be called with an event."""
    del cloud  # empty by now
    return handler_of(entry_points["processor"])


@pytest.fixture
def process_impatiently(cloud: Cloud, entry_points: dict[str, ModuleType]) -> Handler:
    """Return a Processor that gives the gateway no time to answer."""
    del cloud  # empty by now
    return handler_of(entry_points["impatient"])


@pytest.fixture
def process_blindly(cloud: Cloud, entry_points: dict[str, ModuleType]) -> Handler:
    """Return a Processor whose gateway has no look-up."""
    del cloud  # empty by now
    return handler_of(entry_points["blind"])


@pytest.fixture
def read(cloud: Cloud, entry_points: dict[str, ModuleType]) -> Handler:
    """Return the Reader, ready to be called with an event."""
    del cloud  # empty by now
    return handler_of(entry_points["reader"])


@pytest.fixture
def sweep(cloud: Cloud, entry_points: dict[str, ModuleType]) -> Handler:
    """Return the Sweeper, ready to be called with an event."""
    del cloud  # empty by now
    return handler_of(entry_points["sweeper"])


@pytest.fixture
def gateway(shared_gateway: PaymentGateway) -> Iterator[OrderGateway]:
    """Return the gateway's side of an order that only this test knows."""
    order = OrderGateway(shared_gateway, an_order_id("gw"))
    yield order
    shared_gateway.clear_mode(order.order_id)


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
