"""Repeating a POST /refunds: the same answer, one refund, one message."""

import json

import pytest

from unit.refunds.builders import a_body, an_api_event
from unit.refunds.cloud import Cloud
from unit.refunds.entry_points import Handler
from unit.refunds.functions.answers import body_of

KEY = {"Idempotency-Key": "retry-1"}


def test_every_refund_without_a_key_is_another_one(
    receive: Handler, cloud: Cloud
) -> None:
    """Only an Idempotency-Key makes two requests one."""
    body = a_body()

    answers = [receive(an_api_event(body)) for _ in range(2)]

    assert len({body_of(answer)["refundId"] for answer in answers}) == 2
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
    assert body_of(first) == body_of(second)
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
    assert len({body_of(answer)["refundId"] for answer in answers}) == 2


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

    assert body_of(repeated) == body_of(first)
    assert cloud.messages() == []
