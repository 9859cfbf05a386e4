"""What the functions really wrote, read back from CloudWatch Logs."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from uuid import uuid4

import boto3
import pytest

from sam_harness.deploying.stack import DeployedStack
from sam_harness.waiting import wait_until
from service.client import RefundClient
from service.lost import sweep
from service.payment_gateway import PaymentGateway
from service.queues import Queues
from service.telemetry import FunctionLog, Invocation, Metric, dashboard_metrics

type Written = Mapping[str, list[Invocation]]


@dataclass(frozen=True, slots=True)
class Told:
    """A refund that failed once, was approved and was read: what all of that wrote."""

    refund_id: str
    correlation_id: str
    trace_id: str
    written: Written

    def lines(self, function: str) -> list[dict[str, object]]:
        """Return the log lines of the invocations that were about this refund."""
        return [line for one in self.written[function] for line in one.log_lines()]


@pytest.fixture(scope="module")
def told(
    client: RefundClient,
    gateway: PaymentGateway,
    queues: Queues,
    function_logs: dict[str, FunctionLog],
) -> Told:
    """Send a refund through a short outage, and read what was written about it."""
    # Else a refund of another test might share its batch, and so its metrics.
    wait_until(
        queues.depth, lambda depth: depth == 0, what="an empty queue", timeout_s=30
    )
    order, correlation_id = f"TOLD-{uuid4().hex}", f"told-{uuid4()}"
    gateway.set_mode("fail", order_id_prefix=order)
    answer = client.post(order, "10", headers={"X-Correlation-Id": correlation_id})
    refund_id = answer.json()["refundId"]
    wait_until(
        lambda: gateway.charges(order), bool, what="the first attempt", timeout_s=10
    )
    gateway.set_mode("ok", order_id_prefix=order)
    client.wait_for_status(refund_id, "APPROVED")
    # Failed once and decided once; the others were asked at least once.
    expected = {"receiver": 1, "processor": 2, "reader": 1}
    written = wait_until(
        lambda: {
            name: log.invocations(refund_id) for name, log in function_logs.items()
        },
        lambda seen: all(len(seen[name]) >= expected[name] for name in expected),
        what=f"what the functions wrote about {refund_id}",
        timeout_s=10,
    )
    trace_id = _root(answer.headers.get("X-Amzn-Trace-Id", ""))
    return Told(refund_id, correlation_id, trace_id, written)


@pytest.mark.parametrize("function", ["receiver", "processor", "reader"])
def test_every_line_names_refund_request_and_trace(told: Told, function: str) -> None:
    """One search finds all that happened, and leads to the trace."""
    lines = told.lines(function)

    assert lines
    for line in lines:
        assert line["refundId"] == told.refund_id
        # A reader has a request of its own.
        if function != "reader":
            assert line["correlation_id"] == told.correlation_id
        assert str(line["correlation_id"])
        assert str(line["xray_trace_id"]).startswith("1-")
        assert line["service"] == "refunds"


@pytest.mark.parametrize("function", ["receiver", "processor"])
def test_the_trace_of_the_request_is_found_in_every_line(
    told: Told, function: str
) -> None:
    """The id that the client was answered with, also behind the queue."""
    key = "xray_trace_id" if function == "receiver" else "request_trace_id"

    assert {line[key] for line in told.lines(function)} == {told.trace_id}


def test_the_failure_and_the_decision_are_told(told: Told) -> None:
    """With the reason of the failure, as an error."""
    first, second = told.lines("processor")

    assert (first["level"], first["message"]) == ("ERROR", "gateway failed")
    assert first["cause"] == "status 503"
    assert (second["level"], second["message"]) == ("INFO", "refund decided")


@pytest.mark.parametrize("function", ["receiver", "processor", "reader"])
def test_the_api_key_is_never_written(
    told: Told,
    client: RefundClient,
    function_logs: dict[str, FunctionLog],
    function: str,
) -> None:
    """Not in the log lines, nor in anything else that reaches the log group."""
    text = function_logs[function].text()

    assert told.refund_id in text
    assert client.stack.api_key not in text


def test_the_metrics_are_those_of_the_dashboard(  # noqa: PLR0913, PLR0917 - fixtures
    told: Told,
    client: RefundClient,
    gateway: PaymentGateway,
    function_logs: dict[str, FunctionLog],
    deployed: DeployedStack,
    session: boto3.Session,
) -> None:
    """Namespace, names and dimensions: no graph stays empty, no metric unseen."""
    waiting = f"TOLD-{uuid4().hex}"
    gateway.set_mode("pending", order_id_prefix=waiting, times=1)
    asked_twice = client.post(waiting, "10").json()["refundId"]
    client.wait_for_status(asked_twice, "APPROVED")
    rejected = client.post(f"TOLD-{uuid4().hex}", "1000.01").json()["refundId"]
    client.wait_for_status(rejected, "REJECTED")
    log = function_logs["processor"]
    invocations = [
        invocation
        for refund_id in (asked_twice, rejected)
        for invocation in wait_until(
            partial(log.invocations, refund_id), bool, what="its log", timeout_s=10
        )
    ]
    sweep(session.client("lambda"), client.stack)
    invocations += wait_until(
        function_logs["sweeper"].invocations, bool, what="its log", timeout_s=10
    )
    emitted = {
        (one.namespace, one.name, one.dimensions)
        for written in (*told.written.values(), invocations)
        for invocation in written
        for one in invocation.metrics()
    }

    body = deployed.template["Resources"]["Dashboard"]["Properties"]["DashboardBody"]
    drawn = {one for one in dashboard_metrics(body) if one[0] == "Refunds"}

    assert emitted <= drawn
    # Only a gateway without look-up leaves refunds to people; only a table, a secret or
    # a clock that fails leaves them undecided without the gateway.
    unseen = {"RefundNeedsPerson", "DecisionFailure"}
    assert {name for _, name, _ in drawn - emitted} == unseen


def test_the_metrics_count_what_happened(told: Told) -> None:
    """Accepted once, failed once, approved once, and how long that took."""
    metrics: list[Metric] = [
        one
        for written in told.written.values()
        for invocation in written
        for one in invocation.metrics()
    ]
    values = {(one.name, one.unit): one.values for one in metrics}

    time_to_decision_ms = values.pop(("TimeToDecision", "Milliseconds"))
    assert values == {
        ("RefundAccepted", "Count"): (1.0,),
        ("GatewayFailure", "Count"): (1.0,),
        ("RefundApproved", "Count"): (1.0,),
    }
    # It waited for one visibility timeout.
    assert 1_000 < time_to_decision_ms[0] < 30_000


def test_the_platform_reports_the_trace_as_well(told: Told) -> None:
    """The REPORT line of a traced function names the trace that its lines name."""
    for invocation in told.written["receiver"]:
        assert f"XRAY TraceId: {told.trace_id}" in invocation.report


def _root(trace_header: str) -> str:
    """Return the trace id of an X-Amzn-Trace-Id header; empty: it has none."""
    fields = dict(field.partition("=")[::2] for field in trace_header.split(";"))
    return fields.get("Root", "")
