"""POST /refunds: the HTTP contract row by row, and idempotency."""

import json
from typing import Any

import pytest

from unit.refunds.builders import a_body, a_refund, an_api_event, an_sqs_batch
from unit.refunds.cloud import Cloud
from unit.refunds.functions import Handler

UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
KEY = {"Idempotency-Key": "retry-1"}


def _body(answer: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(answer["body"])
    return body


def test_valid_refund_is_accepted_with_its_location(receive: Handler) -> None:
    """The location has the stage, as clients need it."""
    answer = receive(an_api_event(a_body()))

    body = _body(answer)
    assert answer["statusCode"] == 202
    assert body == {"refundId": body["refundId"], "status": "PENDING"}
    assert answer["headers"]["Location"] == f"/test/refunds/{body['refundId']}"
    assert answer["headers"]["Content-Type"] == "application/json"


def test_accepted_refund_is_stored_whole(receive: Handler, cloud: Cloud) -> None:
    """The item is what architecture and the other two functions rely on."""
    body = a_body(orderId="A-1", amount=49.9, reason="too small")

    answer = receive(an_api_event(body, headers={"X-Correlation-Id": "c-1"}))

    [item] = cloud.items()
    refund_id = _body(answer)["refundId"]
    created_at = item["createdAt"]["S"]
    assert item == {
        "PK": {"S": f"REFUND#{refund_id}"},
        "SK": {"S": "REFUND"},
        "GSI1PK": {"S": "ORDER#A-1"},
        "GSI1SK": {"S": f"{created_at}#{refund_id}"},
        "refundId": {"S": refund_id},
        "orderId": {"S": "A-1"},
        "amount": {"N": "49.90"},
        "reason": {"S": "too small"},
        "status": {"S": "PENDING"},
        "createdAt": {"S": created_at},
        "updatedAt": {"S": created_at},
        "correlationId": {"S": "c-1"},
    }


def test_accepted_refund_is_queued_by_id_only(
    receive: Handler, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message carries the ids that correlate it, and nothing to trust."""
    trace = "Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1"
    monkeypatch.setenv("_X_AMZN_TRACE_ID", trace)

    answer = receive(an_api_event(a_body(), headers={"X-Correlation-Id": "c-1"}))

    [message] = cloud.messages()
    refund_id = _body(answer)["refundId"]
    assert json.loads(message["Body"]) == {"version": 1, "refundId": refund_id}
    attributes = message["MessageAttributes"]
    assert attributes["correlationId"]["StringValue"] == "c-1"
    assert message["Attributes"]["AWSTraceHeader"] == trace


def test_every_refund_without_a_key_is_another_one(
    receive: Handler, cloud: Cloud
) -> None:
    """Only an Idempotency-Key makes two requests one."""
    body = a_body()

    answers = [receive(an_api_event(body)) for _ in range(2)]

    assert len({_body(answer)["refundId"] for answer in answers}) == 2
    assert len(cloud.items()) == 2


def test_same_key_and_body_get_the_same_answer_and_one_record(
    receive: Handler, cloud: Cloud
) -> None:
    """A client may repeat until it has an answer."""
    body = a_body(orderId="A-1", amount=10)
    other_spelling = json.dumps(body).replace(": 10", ": 10.00")

    first = receive(an_api_event(body, headers=KEY))
    second = receive(
        an_api_event(other_spelling, headers={"idempotency-key": "retry-1"})
    )

    assert (first["statusCode"], second["statusCode"]) == (202, 202)
    assert _body(first) == _body(second)
    assert first["headers"]["Location"] == second["headers"]["Location"]
    assert len(cloud.items()) == 1


@pytest.mark.parametrize(
    "change", [{"amount": 10.01}, {"orderId": "other"}, {"reason": "other"}]
)
def test_same_key_and_other_body_are_422(
    receive: Handler, cloud: Cloud, change: dict[str, object]
) -> None:
    """The first request stays what it was."""
    body = a_body(orderId="A-1", amount=10)
    receive(an_api_event(body, headers=KEY))
    before = cloud.items()

    answer = receive(an_api_event(body | change, headers=KEY))

    assert answer["statusCode"] == 422
    assert answer["headers"]["Content-Type"] == "application/problem+json"
    assert cloud.items() == before
    assert len(cloud.messages()) == 1


def test_same_key_of_another_client_is_another_refund(receive: Handler) -> None:
    """Clients can't meet each other's keys."""
    body = a_body()

    answers = [
        receive(an_api_event(body, headers=KEY, api_key_id=client))
        for client in ("key-1", "key-2")
    ]

    assert [answer["statusCode"] for answer in answers] == [202, 202]
    assert len({_body(answer)["refundId"] for answer in answers}) == 2


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


def test_retry_after_a_failed_send_sends_the_stored_refund(
    receive: Handler, cloud: Cloud
) -> None:
    """202 is a promise: it needs the message too."""
    event = an_api_event(a_body(), headers=KEY)
    cloud.delete_queue()
    failed = receive(event)
    cloud.create_queue()

    repeated = receive(event)

    assert failed["statusCode"] == 503
    assert "Retry-After" in failed["headers"]
    assert repeated["statusCode"] == 202
    [item] = cloud.items()
    [message] = cloud.messages()
    assert json.loads(message["Body"])["refundId"] == item["refundId"]["S"]


def test_repeat_after_the_decision_is_not_queued_again(
    receive: Handler, process: Handler, cloud: Cloud
) -> None:
    """The repeat is told the same, and causes nothing."""
    event = an_api_event(a_body(), headers=KEY)
    first = receive(event)
    [message] = cloud.messages()
    cloud.delete_queue()
    cloud.create_queue()
    record = {"messageId": "m-1", "body": message["Body"]}
    assert process({"Records": [record]}) == {"batchItemFailures": []}

    repeated = receive(event)

    assert _body(repeated) == _body(first)
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

    problem = _body(answer)
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
    stored = cloud.store.get(_body(answer)["refundId"])

    process(an_sqs_batch(stored))

    assert cloud.store.get(stored.refund_id).status == "APPROVED"
    assert stored.request != a_refund().request
