"""Every line that the functions write: logs and metrics, all JSON."""

import json
import os
from typing import Any

import pytest

from refunds.domain.model import Status
from unit.refunds.builders import (
    API_KEY,
    a_body,
    a_record,
    a_refund,
    an_api_event,
    an_sqs_batch,
)
from unit.refunds.cloud import Cloud
from unit.refunds.entry_points import Handler, Lines
from unit.refunds.order_gateway import OrderGateway

TRACE_ID = "1-67891233-abcdef012345678912345678"


@pytest.fixture(autouse=True)
def _traced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the trace as Lambda does for each invocation."""
    monkeypatch.setenv("_X_AMZN_TRACE_ID", f"Root={TRACE_ID};Parent=1;Sampled=1")


def _definition(line: dict[str, Any]) -> dict[str, Any]:
    [definition] = line["_aws"]["CloudWatchMetrics"]
    return dict(definition)


def test_receiver_lines_are_correlated(receive: Handler, logged: Lines) -> None:
    """Each line leads to the refund, the request and the trace."""
    answer = receive(an_api_event(a_body(), headers={"X-Correlation-Id": "c-1"}))

    [line] = logged()
    assert line["refundId"] == json.loads(answer["body"])["refundId"]
    assert line["correlation_id"] == "c-1"
    assert line["xray_trace_id"] == TRACE_ID
    assert line["function_request_id"]
    assert line["service"] == "refunds"
    assert line["location"].startswith("_accept:")


def test_every_answer_is_logged(
    receive: Handler, read: Handler, cloud: Cloud, logged: Lines
) -> None:
    """Refused and failed ones too."""
    receive(an_api_event("{"))
    read(an_api_event(pathParameters={"refundId": "x"}))
    read(an_api_event(pathParameters={"refundId": a_refund().refund_id}))
    cloud.delete_table()
    receive(an_api_event(a_body()))
    read(an_api_event(queryStringParameters={"orderId": "A-1"}))

    levels = [line["level"] for line in logged()]

    assert levels == ["INFO", "INFO", "INFO", "ERROR", "ERROR"]


def test_lines_hold_no_secret_and_no_personal_text(
    receive: Handler, process: Handler, read: Handler, cloud: Cloud, written: Lines
) -> None:
    """The API key is a secret, and a reason is what a customer wrote."""
    reason = "my name is Alice Example"
    event = an_api_event(a_body(reason=reason), headers={"Idempotency-Key": "k-1"})
    answer = receive(event)
    receive(an_api_event(a_body(reason=reason * 50)))
    receive(an_api_event(a_body(reason=reason), headers={"Idempotency-Key": "k-1"}))
    stored = cloud.store.get(json.loads(answer["body"])["refundId"])
    process(an_sqs_batch(stored))
    read(an_api_event(pathParameters={"refundId": stored.refund_id}))
    cloud.delete_table()
    receive(event)

    text = json.dumps(written())

    assert stored.refund_id in text
    assert API_KEY not in text
    assert "Alice" not in text


def test_lines_of_a_batch_keep_their_own_keys(
    process: Handler, cloud: Cloud, logged: Lines
) -> None:
    """Threads share the logger, never the keys."""
    refunds = [cloud.given(a_refund()) for _ in range(10)]

    process(an_sqs_batch(*refunds))

    lines = logged()
    assert {(line["refundId"], line["correlation_id"]) for line in lines} == {
        (refund.refund_id, refund.correlation_id) for refund in refunds
    }
    assert len(lines) == 10
    assert len({line["function_request_id"] for line in lines}) == 1
    assert {line["xray_trace_id"] for line in lines} == {TRACE_ID}


def test_failures_are_logged_with_their_cause(
    process: Handler, cloud: Cloud, gateway: OrderGateway, logged: Lines
) -> None:
    """The log says why a message is in the DLQ."""
    gateway.behaves("fail")
    refund = cloud.given(a_refund(order_id=gateway.order_id))

    process({"Records": [a_record(refund), a_record(refund, body="{")]})

    lines = {line["message"]: line for line in logged()}
    assert lines["gateway failed"]["cause"] == "status 503"
    assert lines["gateway failed"]["refundId"] == refund.refund_id
    assert lines["malformed message"]["cause"] == "not JSON"
    assert lines["malformed message"]["correlation_id"]
    assert {line["level"] for line in lines.values()} == {"ERROR"}


def test_unexpected_errors_are_logged_with_their_stack(
    process: Handler, cloud: Cloud, logged: Lines
) -> None:
    """Only an unforeseen error needs one."""
    refund = a_refund()
    key = {"PK": {"S": f"REFUND#{refund.refund_id}"}, "SK": {"S": "REFUND"}}
    cloud.dynamodb.put_item(TableName=os.environ["TABLE_NAME"], Item=key)

    process(an_sqs_batch(refund))

    [line] = logged()
    assert line["exception_name"] == "KeyError"
    assert "to_refund" in line["exception"]
    assert line["refundId"] == refund.refund_id


def test_accepted_refund_is_counted(receive: Handler, measured: Lines) -> None:
    """With exactly the dashboard's dimensions."""
    receive(an_api_event(a_body()))

    [line] = measured()
    definition = _definition(line)
    assert definition["Namespace"] == "Refunds"
    assert [sorted(names) for names in definition["Dimensions"]] == [
        ["service", "stage"]
    ]
    assert definition["Metrics"] == [{"Name": "RefundAccepted", "Unit": "Count"}]
    assert (line["service"], line["stage"]) == ("refunds", "test")
    assert line["RefundAccepted"] == [1.0]


def test_refused_refund_is_not_counted(receive: Handler, measured: Lines) -> None:
    """Nothing was accepted."""
    receive(an_api_event("{"))

    assert measured() == []


def test_batch_is_measured_in_one_line(
    process: Handler, cloud: Cloud, gateway: OrderGateway, measured: Lines
) -> None:
    """Every outcome counts once, however many threads there were."""
    gateway.behaves("fail")
    approved = [cloud.given(a_refund()) for _ in range(5)]
    rejected = [cloud.given(a_refund("1000.01")) for _ in range(2)]
    failing = [cloud.given(a_refund(order_id=gateway.order_id)) for _ in range(2)]
    decided = [cloud.given(a_refund(status=Status.APPROVED))]

    process(an_sqs_batch(*approved, *rejected, *failing, *decided))

    [line] = measured()
    assert sum(line["RefundApproved"]) == 5
    assert sum(line["RefundRejected"]) == 2
    assert sum(line["GatewayFailure"]) == 2
    assert len(line["TimeToDecision"]) == 7
    units = {metric["Name"]: metric["Unit"] for metric in _definition(line)["Metrics"]}
    assert units == {
        "RefundApproved": "Count",
        "RefundRejected": "Count",
        "GatewayFailure": "Count",
        "TimeToDecision": "Milliseconds",
    }


def test_time_to_decision_is_measured_from_acceptance(
    process: Handler, cloud: Cloud, measured: Lines
) -> None:
    """In milliseconds, the same ones that the record shows."""
    refund = cloud.given(a_refund())

    process(an_sqs_batch(refund))

    [line] = measured()
    waited = cloud.store.get(refund.refund_id).updated_at - refund.created_at
    assert line["TimeToDecision"] == [waited.total_seconds() * 1000]


def test_metrics_do_not_leak_into_the_next_invocation(
    receive: Handler, measured: Lines
) -> None:
    """Each invocation writes its own."""
    receive(an_api_event(a_body()))
    receive(an_api_event(a_body()))

    first, second = measured()
    assert first["RefundAccepted"] == second["RefundAccepted"] == [1.0]
