"""POST /refunds: the HTTP contract row by row."""

import json
from typing import Any

import pytest

from unit.refunds.builders import a_body, a_refund, an_api_event, an_sqs_batch
from unit.refunds.cloud import Cloud
from unit.refunds.entry_points import Handler
from unit.refunds.functions.answers import body_of

UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def test_valid_refund_is_accepted_with_its_location(receive: Handler) -> None:
    """The location has the stage, as clients need it."""
    answer = receive(an_api_event(a_body()))

    body = body_of(answer)
    assert answer["statusCode"] == 202
    assert body == {"refundId": body["refundId"], "status": "PENDING"}
    assert answer["headers"]["Location"] == f"/test/refunds/{body['refundId']}"
    assert answer["headers"]["Content-Type"] == "application/json"


def test_accepted_refund_is_stored_whole(receive: Handler, cloud: Cloud) -> None:
    """The item is what architecture and the other functions rely on."""
    body = a_body(orderId="A-1", amount=49.9, reason="too small")

    answer = receive(an_api_event(body, headers={"X-Correlation-Id": "c-1"}))

    [item] = cloud.items()
    refund_id = body_of(answer)["refundId"]
    created_at = item["createdAt"]["S"]
    assert item == {
        "PK": {"S": f"REFUND#{refund_id}"},
        "SK": {"S": "REFUND"},
        "GSI1PK": {"S": "ORDER#A-1"},
        "GSI1SK": {"S": f"{created_at}#{refund_id}"},
        "GSI2PK": {"S": f"PENDING#{int(refund_id[:2], 16) % 64:02}"},
        "GSI2SK": {"S": f"{created_at}#{refund_id}"},
        "refundId": {"S": refund_id},
        "orderId": {"S": "A-1"},
        "amount": {"N": "49.90"},
        "reason": {"S": "too small"},
        "status": {"S": "PENDING"},
        "createdAt": {"S": created_at},
        "updatedAt": {"S": created_at},
        "correlationId": {"S": "c-1"},
        "madeWithKey": {"BOOL": False},
        "decisionLimit": {"N": "1000"},
    }


def test_accepted_refund_is_queued_by_id_only(
    receive: Handler, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message carries the ids that correlate it, and nothing to trust."""
    trace = "Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1"
    monkeypatch.setenv("_X_AMZN_TRACE_ID", trace)

    answer = receive(an_api_event(a_body(), headers={"X-Correlation-Id": "c-1"}))

    [message] = cloud.messages()
    refund_id = body_of(answer)["refundId"]
    assert json.loads(message["Body"]) == {"version": 1, "refundId": refund_id}
    attributes = message["MessageAttributes"]
    assert attributes["correlationId"]["StringValue"] == "c-1"
    assert message["Attributes"]["AWSTraceHeader"] == trace


def test_missing_table_is_503_and_nothing_is_queued(
    receive: Handler, cloud: Cloud
) -> None:
    """Put first, then send: a message never names what was not written."""
    cloud.delete_table()

    answer = receive(an_api_event(a_body()))

    assert answer["statusCode"] == 503
    assert int(answer["headers"]["Retry-After"]) > 0
    assert answer["headers"]["Content-Type"] == "application/problem+json"
    assert cloud.messages() == []


@pytest.mark.parametrize("name", ["X-Correlation-Id", "x-correlation-id"])
def test_correlation_id_comes_back_in_the_answer(receive: Handler, name: str) -> None:
    """A sane id of the client is kept."""
    answer = receive(an_api_event(a_body(), headers={name: "trace-me.1"}))

    assert answer["headers"]["X-Correlation-Id"] == "trace-me.1"


@pytest.mark.parametrize("given", ["", "a b", "é", "x" * 65, "line\nbreak", None])
def test_other_correlation_ids_give_way_to_the_request_id(
    receive: Handler, given: str | None
) -> None:
    """What is not a short plain token could break log lines and headers."""
    headers = {} if given is None else {"X-Correlation-Id": given}
    event = an_api_event("", headers=headers)

    answer = receive(event)

    context: Any = event["requestContext"]
    assert answer["headers"]["X-Correlation-Id"] == context["requestId"]


def test_base64_body_is_decoded(receive: Handler) -> None:
    """API Gateway encodes bodies of binary media types."""
    assert receive(an_api_event(a_body(), as_base64=True))["statusCode"] == 202


def test_problem_names_every_bad_field(receive: Handler, cloud: Cloud) -> None:
    """One answer is enough to repair the whole request."""
    body = {"orderId": "a b", "amount": -1, "reason": " ", "extra": 1}
    headers = {"Content-Type": "text/plain", "Idempotency-Key": "a b"}

    answer = receive(an_api_event(body, headers=headers))

    problem = body_of(answer)
    assert answer["statusCode"] == 400
    assert answer["headers"]["Content-Type"] == "application/problem+json"
    assert (problem["status"], problem["title"]) == (400, "Bad Request")
    assert {error["field"] for error in problem["errors"]} == {
        "Content-Type",
        "Idempotency-Key",
        "orderId",
        "amount",
        "reason",
        "extra",
    }
    assert all(error["message"] for error in problem["errors"])
    assert (cloud.items(), cloud.messages()) == ([], [])


def test_accepted_refund_can_be_decided(
    receive: Handler, process: Handler, cloud: Cloud
) -> None:
    """What the Receiver writes is what the Processor reads."""
    answer = receive(an_api_event(a_body(amount=1000)))
    stored = cloud.store.get(body_of(answer)["refundId"])

    process(an_sqs_batch(stored))

    assert cloud.store.get(stored.refund_id).status == "APPROVED"
    assert stored.request != a_refund().request
