"""202 is a promise: it is made only when the refund is stored and queued.

What is missing is taken away from the Receiver by its configuration, and given back.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from uuid import uuid4

import boto3
import pytest

from sam_harness.waiting import wait_until
from service.client import RefundClient
from service.functions import live_version, point_to, publish_version
from service.payment_gateway import PaymentGateway
from service.telemetry import FunctionLog

type ReceiverWith = Callable[[str, str], AbstractContextManager[None]]


@pytest.fixture
def receiver_with(session: boto3.Session, client: RefundClient) -> ReceiverWith:
    """Return a context in which a variable of the Receiver has another value."""
    functions = session.client("lambda")
    receiver = client.stack.functions["receiver"]

    def configure(variables: dict[str, str]) -> None:
        functions.update_function_configuration(
            FunctionName=receiver.name, Environment={"Variables": variables}
        )
        functions.get_waiter("function_updated_v2").wait(FunctionName=receiver.name)

    @contextmanager
    def changed(variable: str, value: str) -> Iterator[None]:
        name, version = receiver.name, live_version(functions, receiver.name)
        configuration = functions.get_function_configuration(FunctionName=name)
        before = configuration["Environment"]["Variables"]
        configure({**before, variable: value})
        point_to(functions, name, publish_version(functions, name))
        try:
            yield
        finally:
            point_to(functions, name, version)
            configure(before)

    return changed


def test_what_was_not_stored_is_not_queued(
    client: RefundClient,
    function_logs: dict[str, FunctionLog],
    receiver_with: ReceiverWith,
    an_order: str,
) -> None:
    """503 and Retry-After; the Processor hears of a later refund, not of this one."""
    lost = {"X-Correlation-Id": f"lost-{uuid4()}"}

    with receiver_with("TABLE_NAME", "there-is-no-such-table"):
        answer = client.post(an_order, "10", headers=lost)

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    later = client.post(an_order, "11").json()["refundId"]
    client.wait_for_status(later, "APPROVED")
    log = function_logs["processor"]
    wait_until(
        lambda: log.invocations(later), bool, what="the later refund", timeout_s=10
    )
    assert log.invocations(lost["X-Correlation-Id"]) == []


def test_what_was_not_queued_is_queued_by_the_repeat(
    client: RefundClient,
    gateway: PaymentGateway,
    receiver_with: ReceiverWith,
    an_order: str,
) -> None:
    """503 leaves the refund PENDING; with the same key it is the same refund."""
    key = {"Idempotency-Key": str(uuid4())}
    nowhere = client.stack.queue_url.replace(client.stack.name, "there-is-no-such")

    with receiver_with("QUEUE_URL", nowhere):
        answer = client.post(an_order, "10", headers=key)
        (stored,) = client.get("/refunds", orderId=an_order).json()["refunds"]

    assert answer.status_code == 503
    assert stored["status"] == "PENDING"
    repeat = client.post(an_order, "10", headers=key)
    assert repeat.status_code == 202
    assert repeat.json()["refundId"] == stored["refundId"]
    client.wait_for_status(stored["refundId"], "APPROVED")
    assert [charge.effects for charge in gateway.charges(an_order)] == [1]
