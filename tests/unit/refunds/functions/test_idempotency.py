"""Repeating a POST /refunds: the same answer, one refund, one message."""

import json

import pytest

from unit.refunds.builders import a_body, an_api_event
from unit.refunds.cloud import Cloud
from unit.refunds.entry_points import Handler, Lines
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


@pytest.mark.parametrize("change", [{"amount": 10.01}, {"reason": "other"}])
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


def test_same_key_for_another_order_is_another_refund(receive: Handler) -> None:
    """Clients that number their keys by order can't meet each other's."""
    answers = [receive(an_api_event(a_body(), headers=KEY)) for _ in range(2)]

    assert [answer["statusCode"] for answer in answers] == [202, 202]
    assert len({body_of(answer)["refundId"] for answer in answers}) == 2


def test_repeat_with_a_rotated_api_key_finds_the_same_refund(
    receive: Handler, cloud: Cloud
) -> None:
    """A key that is replaced between a request and its repeat pays nothing twice."""
    body = a_body()

    answers = [
        receive(an_api_event(body, headers=KEY, api_key_id=api_key))
        for api_key in ("key-1", "key-2")
    ]

    assert body_of(answers[0]) == body_of(answers[1])
    assert len(cloud.items()) == 1


@pytest.mark.parametrize(("headers", "made_with_key"), [({}, False), (KEY, True)])
def test_record_of_a_failed_send_says_whether_it_may_be_sent_again(
    receive: Handler,
    cloud: Cloud,
    headers: dict[str, str],
    made_with_key: bool,  # noqa: FBT001 - a column
) -> None:
    """Without a key the client will ask for another refund, which is paid instead."""
    cloud.delete_queue()

    assert receive(an_api_event(a_body(), headers=headers))["statusCode"] == 503

    [item] = cloud.items()
    assert item["madeWithKey"] == {"BOOL": made_with_key}


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


def test_repeat_after_the_decision_is_neither_queued_nor_counted_again(
    receive: Handler, process: Handler, cloud: Cloud, measured: Lines
) -> None:
    """The repeat is told the same, and causes nothing."""
    event = an_api_event(a_body(), headers=KEY)
    first = receive(event)
    [message] = cloud.messages()
    cloud.delete_queue()
    cloud.create_queue()
    record = {"messageId": "m-1", "body": message["Body"]}
    assert process({"Records": [record]}) == {"batchItemFailures": []}
    assert measured()

    repeated = receive(event)

    assert body_of(repeated) == body_of(first)
    assert cloud.messages() == []
    assert measured() == []
