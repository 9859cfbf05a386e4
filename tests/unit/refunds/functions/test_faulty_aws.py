"""Whatever AWS does to a call, a function answers in time, and a repeat repairs it."""

import time
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from refunds.adapters import item as items
from refunds.adapters.aws import secrets_client
from refunds.domain.model import Refund, Status
from service.loopback import serving
from unit.refunds.builders import (
    a_body,
    a_late_refund,
    a_refund,
    an_api_event,
    an_sqs_batch,
)
from unit.refunds.cloud import Cloud
from unit.refunds.entry_points import Handler, handler_of, import_entry_points_for
from unit.refunds.faulty_aws import FAULTS, OTHERS, Fault, FaultyAws
from unit.refunds.functions.answers import body_of, failed_ids, message_ids
from unit.refunds.order_gateway import OrderGateway

# A call that is cut off while it connects leaves its socket to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
# Of the invocation, where the function may use it up: a call that hangs takes it all.
TIMEOUT_S = 0.6
# The machine may be busy; a hanging call alone would take four seconds and more.
IN_TIME_S = 1.5
KEY = {"Idempotency-Key": "retry-1"}


def faults_of(operation: str, another: str) -> list[tuple[str, Fault]]:
    """Pair an operation of a function with all faults, another one with most."""
    return [
        *((operation, fault) for fault in FAULTS),
        *((another, fault) for fault in OTHERS),
    ]


@pytest.fixture(scope="module")
def shared_aws() -> Iterator[FaultyAws]:
    """Run the server for all tests of the module."""
    with serving(FaultyAws()) as server:
        yield server


@pytest.fixture(scope="module")
def connected(
    entry_points: dict[str, ModuleType], shared_aws: FaultyAws
) -> Iterator[dict[str, Handler]]:
    """Load the functions once more, with clients that are connected to the server."""
    del entry_points  # moto has started
    modules = import_entry_points_for(shared_aws.url)
    with pytest.MonkeyPatch.context() as patch:
        # A sweep asks for each partition, and the server takes ten milliseconds.
        for module in (items, modules["sweeper"]):
            patch.setattr(module, "SHARDS", 4)
        yield {name: handler_of(module) for name, module in modules.items()}


@pytest.fixture
def aws(shared_aws: FaultyAws, cloud: Cloud) -> Iterator[FaultyAws]:
    """Return the server, which does what it is asked to until a test says otherwise."""
    shared_aws.heal()
    shared_aws.serves(cloud)
    yield shared_aws
    shared_aws.released.set()


def _in_time(handler: Handler, event: object) -> dict[str, Any]:
    began_s = time.monotonic()
    answer = handler(event, timeout_s=TIMEOUT_S)
    assert time.monotonic() - began_s < IN_TIME_S
    return answer


def _assert_503(answer: dict[str, Any]) -> None:
    assert answer["statusCode"] == 503
    assert int(answer["headers"]["Retry-After"]) > 0
    assert answer["headers"]["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(("operation", "fault"), faults_of("PutItem", "SendMessage"))
def test_refund_is_refused_for_now_and_accepted_by_the_repeat(
    aws: FaultyAws,
    connected: dict[str, Handler],
    cloud: Cloud,
    operation: str,
    fault: Fault,
) -> None:
    """503 within the function's time, and in the end one refund with its message."""
    event = an_api_event(a_body(), headers=KEY)
    aws.fails(operation, fault)

    _assert_503(_in_time(connected["receiver"], event))

    aws.faults.clear()
    answer = connected["receiver"](event)
    assert answer["statusCode"] == 202
    refund_id = body_of(answer)["refundId"]
    assert [item["refundId"]["S"] for item in cloud.items()] == [refund_id]
    assert {refund_id in message["Body"] for message in cloud.messages()} == {True}


@pytest.mark.parametrize(("operation", "fault"), faults_of("GetItem", "Query"))
def test_refund_is_not_shown_for_now_and_never_said_to_be_missing(
    aws: FaultyAws,
    connected: dict[str, Handler],
    cloud: Cloud,
    operation: str,
    fault: Fault,
) -> None:
    """A client that is told 404 believes that there is no such refund."""
    refund = cloud.given(a_refund())
    event = {
        "GetItem": an_api_event(pathParameters={"refundId": refund.refund_id}),
        "Query": an_api_event(
            queryStringParameters={"orderId": refund.request.order_id}
        ),
    }[operation]
    aws.fails(operation, fault)

    _assert_503(_in_time(connected["reader"], event))

    aws.faults.clear()
    answer = connected["reader"](event)
    assert answer["statusCode"] == 200
    assert refund.refund_id in answer["body"]


@pytest.mark.parametrize(
    ("operation", "fault"), faults_of("BatchGetItem", "BatchExecuteStatement")
)
def test_batch_is_reported_as_failed_and_decided_by_the_redelivery(
    aws: FaultyAws,
    connected: dict[str, Handler],
    cloud: Cloud,
    operation: str,
    fault: Fault,
) -> None:
    """Message by message: an invocation that fails as a whole rings an alarm."""
    refunds = [cloud.given(a_refund("1000.01")) for _ in range(2)]
    event = an_sqs_batch(*refunds)
    aws.fails(operation, fault)

    assert failed_ids(_in_time(connected["processor"], event)) == message_ids(event)

    aws.faults.clear()
    assert failed_ids(connected["processor"](event)) == []
    assert [_status(cloud, refund) for refund in refunds] == [Status.REJECTED] * 2


@pytest.mark.parametrize("fault", OTHERS)
def test_undecided_refunds_are_not_measured_for_now_and_sent_by_the_next_sweep(
    aws: FaultyAws, connected: dict[str, Handler], cloud: Cloud, fault: Fault
) -> None:
    """In time, and without a value: the alarm tells that nothing is measured."""
    refund = cloud.given(a_late_refund())
    aws.fails("Query", fault)

    assert _in_time(connected["sweeper"], {}) == {}

    aws.faults.clear()
    assert connected["sweeper"]({})["resent"] == 1
    assert [refund.refund_id in one["Body"] for one in cloud.messages()] == [True]


@pytest.mark.parametrize(
    "fault", ["reset before", "reset after", "cut", "list", "wrong types", "throttled"]
)
@pytest.mark.parametrize("operation", ["UpdateItem", "SendMessage"])
def test_resend_that_fails_costs_at_most_one_attempt(
    aws: FaultyAws,
    connected: dict[str, Handler],
    cloud: Cloud,
    operation: str,
    fault: Fault,
) -> None:
    """It is counted before it is sent, so that no failure adds an attempt."""
    cloud.given(a_late_refund())
    aws.fails(operation, fault)

    found = connected["sweeper"]({})

    # PutItem's and UpdateItem's answers say nothing that could be missing.
    if (operation, fault) != ("UpdateItem", "wrong types"):
        assert (found["overdue"], found["resent"]) == (1, 0)
    [item] = cloud.items()
    assert int(item.get("resends", {"N": "0"})["N"]) <= 1


def _status(cloud: Cloud, refund: Refund) -> Status:
    return cloud.store.get(refund.refund_id).status


@pytest.mark.parametrize(
    "operation", ["SendMessage", "Query", "BatchGetItem", "BatchExecuteStatement"]
)
def test_empty_object_is_no_answer_of_these_operations(
    aws: FaultyAws, connected: dict[str, Handler], cloud: Cloud, operation: str
) -> None:
    """What AWS always says is missing in it."""
    refund = cloud.given(a_refund("1000.01"))
    batch = an_sqs_batch(refund)
    query = {"orderId": refund.request.order_id}
    aws.fails(operation, "empty object")

    if operation == "SendMessage":
        _assert_503(connected["receiver"](an_api_event(a_body())))
    elif operation == "Query":
        _assert_503(connected["reader"](an_api_event(queryStringParameters=query)))
    else:
        assert failed_ids(connected["processor"](batch)) == message_ids(batch)


def test_decision_that_is_not_written_in_time_moves_no_more_money(
    aws: FaultyAws, connected: dict[str, Handler], cloud: Cloud, gateway: OrderGateway
) -> None:
    """The redelivery asks the gateway again, with the same key."""
    refund = cloud.given(a_refund(order_id=gateway.order_id))
    event = an_sqs_batch(refund)
    aws.fails("BatchExecuteStatement", "hang before")
    answer = connected["processor"](event, timeout_s=2.5)
    assert failed_ids(answer) == message_ids(event)

    aws.faults.clear()
    assert failed_ids(connected["processor"](event)) == []

    assert _status(cloud, refund) is Status.APPROVED
    assert gateway.effects() == 1


@pytest.mark.parametrize("fault", OTHERS)
def test_refund_is_paid_once_the_gateways_secret_can_be_read(
    aws: FaultyAws, cloud: Cloud, gateway: OrderGateway, fault: Fault
) -> None:
    """Until then its message is reported as failed, in time, and no money moves."""
    secret = secrets_client().create_secret(
        Name=gateway.order_id, SecretString='{"authorization": "Bearer s3cret"}'
    )
    refund = cloud.given(a_refund(order_id=gateway.order_id))
    event = an_sqs_batch(refund)
    aws.fails("GetSecretValue", fault)
    # Each delivery in an environment of its own: a failure is kept for some seconds.
    first, second = (
        handler_of(import_entry_points_for(aws.url, secret["ARN"])["processor"])
        for _ in range(2)
    )

    assert failed_ids(first(event, timeout_s=2.5)) == message_ids(event)
    assert gateway.effects() == 0

    aws.faults.clear()
    assert failed_ids(second(event)) == []
    assert _status(cloud, refund) is Status.APPROVED
    assert gateway.effects() == 1


def test_refund_whose_storing_came_late_is_not_queued(
    aws: FaultyAws, connected: dict[str, Handler], cloud: Cloud
) -> None:
    """The client was told 503; without a key it will ask for another refund."""
    aws.fails("PutItem", "hang after")

    _assert_503(_in_time(connected["receiver"], an_api_event(a_body())))

    [item] = cloud.items()
    assert item["madeWithKey"]["BOOL"] is False
    assert (aws.calls["SendMessage"], cloud.messages()) == (0, [])


def test_next_invocation_is_not_disturbed_by_calls_that_were_given_up(
    aws: FaultyAws, connected: dict[str, Handler], cloud: Cloud
) -> None:
    """The connection of a call that was cut off is not used again."""
    refund = cloud.given(a_refund())
    event = an_api_event(pathParameters={"refundId": refund.refund_id})
    aws.fails("GetItem", "hang after")
    _assert_503(_in_time(connected["reader"], event))

    aws.faults.clear()
    other = cloud.given(a_refund())
    event = an_api_event(pathParameters={"refundId": other.refund_id})

    assert body_of(connected["reader"](event))["refundId"] == other.refund_id


@pytest.mark.parametrize(
    "fault",
    ["reset before", "503 of a proxy", "500 that is not UTF-8", "500 that is a list"],
)
def test_call_that_may_pass_is_attempted_twice(
    aws: FaultyAws, connected: dict[str, Handler], fault: Fault
) -> None:
    """Two attempts are what the timeouts are chosen for."""
    aws.fails("GetItem", fault)
    event = an_api_event(pathParameters={"refundId": a_refund().refund_id})

    _assert_503(connected["reader"](event))

    assert aws.calls["GetItem"] == 2
