"""GET /refunds/{refundId} and GET /refunds?orderId=…, row by row."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest

from refunds.model import Refund, Status, iso, now
from unit.refunds.builders import a_refund, an_api_event, an_order_id
from unit.refunds.cloud import Cloud
from unit.refunds.functions import Handler


def _get(read: Handler, refund_id: str) -> dict[str, Any]:
    event = an_api_event(pathParameters={"refundId": refund_id})
    return read(event)


def _list(read: Handler, **query: str) -> dict[str, Any]:
    return read(an_api_event(queryStringParameters=query or None))


def _body(answer: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(answer["body"])
    return body


def _bad_fields(answer: dict[str, Any]) -> list[str]:
    assert answer["statusCode"] == 400
    assert answer["headers"]["Content-Type"] == "application/problem+json"
    return [error["field"] for error in _body(answer)["errors"]]


def _given_refunds(cloud: Cloud, count: int) -> tuple[str, list[Refund]]:
    order_id = an_order_id()
    times = [now() + timedelta(milliseconds=number) for number in range(count)]
    return order_id, [
        cloud.given(a_refund(order_id=order_id, created_at=time)) for time in times
    ]


def test_pending_refund_is_shown_without_a_decision(
    read: Handler, cloud: Cloud
) -> None:
    """The fields that the contract names."""
    refund = cloud.given(a_refund("49.90"))

    answer = _get(read, refund.refund_id)

    assert answer["statusCode"] == 200
    assert answer["headers"]["Content-Type"] == "application/json"
    assert _body(answer) == {
        "refundId": refund.refund_id,
        "orderId": refund.request.order_id,
        "amount": 49.9,
        "reason": "damaged",
        "status": "PENDING",
        "createdAt": iso(refund.created_at),
        "updatedAt": iso(refund.updated_at),
    }


def test_decided_refund_is_shown_with_its_reason(read: Handler, cloud: Cloud) -> None:
    """And with the time of the decision."""
    later = now() + timedelta(seconds=1)
    refund = cloud.given(a_refund(status=Status.REJECTED, updated_at=later))

    body = _body(_get(read, refund.refund_id))

    assert (body["status"], body["decisionReason"]) == ("REJECTED", "decided before")
    assert body["updatedAt"] == iso(later)
    assert body["updatedAt"] > body["createdAt"]


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("0.01", "0.01"),
        ("0.10", "0.1"),
        ("1000", "1000"),
        ("1000.01", "1000.01"),
        ("9999999.99", "9999999.99"),
        ("1234567.89", "1234567.89"),
    ],
)
def test_amount_is_shown_as_an_exact_number(
    read: Handler, cloud: Cloud, amount: str, shown: str
) -> None:
    """No float noise, no quotes."""
    refund = cloud.given(a_refund(amount))

    assert f'"amount":{shown},' in _get(read, refund.refund_id)["body"]


def test_unknown_refund_is_404(read: Handler) -> None:
    """A well formed id that nobody was given."""
    answer = _get(read, a_refund().refund_id)

    assert answer["statusCode"] == 404
    assert _body(answer)["title"] == "Not Found"


@pytest.mark.parametrize("refund_id", ["", "1", "../x", "A" * 36, "%00", "\ud800"])
def test_impossible_refund_id_is_named(read: Handler, refund_id: str) -> None:
    """No such id was ever given out."""
    assert _bad_fields(_get(read, refund_id)) == ["refundId"]


def test_order_lists_its_own_refunds_oldest_first(read: Handler, cloud: Cloud) -> None:
    """Other orders stay out."""
    order_id, refunds = _given_refunds(cloud, 3)
    _given_refunds(cloud, 1)

    body = _body(_list(read, orderId=order_id))

    ids = [refund["refundId"] for refund in body["refunds"]]
    assert ids == [refund.refund_id for refund in refunds]
    assert "nextToken" not in body


def test_order_without_refunds_lists_none(read: Handler) -> None:
    """An unknown order is not an error."""
    assert _body(_list(read, orderId=an_order_id())) == {"refunds": []}


def test_pages_show_every_refund_once(read: Handler, cloud: Cloud) -> None:
    """Following nextToken leads through all of them."""
    order_id, refunds = _given_refunds(cloud, 5)
    seen, query = [], {"orderId": order_id, "limit": "2"}
    for _ in range(len(refunds)):
        body = _body(_list(read, **query))
        assert len(body["refunds"]) <= 2
        seen += [refund["refundId"] for refund in body["refunds"]]
        if "nextToken" not in body:
            break
        query["nextToken"] = body["nextToken"]

    assert seen == [refund.refund_id for refund in refunds]


def test_limit_defaults_to_25(read: Handler, cloud: Cloud) -> None:
    """A page has a size even when nobody asks for one."""
    order_id, _ = _given_refunds(cloud, 26)

    body = _body(_list(read, orderId=order_id))

    assert len(body["refunds"]) == 25
    assert "nextToken" in body


@pytest.mark.parametrize("limit", ["1", "100"])
def test_limit_may_be_1_to_100(read: Handler, limit: str) -> None:
    """Both ends are allowed."""
    answer = _list(read, orderId=an_order_id(), limit=limit)
    assert answer["statusCode"] == 200


@pytest.mark.parametrize("limit", ["0", "101", "-1", "", "ten", "1.0", "1_0", "\u0661"])
def test_other_limits_are_named(read: Handler, limit: str) -> None:
    """Out of range or not a number."""
    assert _bad_fields(_list(read, orderId=an_order_id(), limit=limit)) == ["limit"]


def _token(place: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "token",
    [
        "",
        "garbage",
        "%%%",
        "é",
        "\ud800",
        "A",
        _token("text"),
        _token({}),
        _token([]),
        _token(["ORDER", "2025-01-31T09:30:00.123Z", "not an id"]),
        _token(["ORDER", 1, "6f3f0a52-7d0c-4d5e-9f5b-0d1f2d7f8a34"]),
        _token(["ORDER", "yesterday", "6f3f0a52-7d0c-4d5e-9f5b-0d1f2d7f8a34"]),
        base64.urlsafe_b64encode(b"[" * 50_000).decode(),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    ],
)
def test_garbage_token_is_named(read: Handler, token: str) -> None:
    """Tokens are opaque, not trusted."""
    answer = _list(read, orderId="ORDER", nextToken=token)
    assert _bad_fields(answer) == ["nextToken"]


def test_token_of_another_order_is_named(read: Handler, cloud: Cloud) -> None:
    """A token continues the list it came from, and no other."""
    order_id, _ = _given_refunds(cloud, 2)
    token = _body(_list(read, orderId=order_id, limit="1"))["nextToken"]

    answer = _list(read, orderId=an_order_id(), nextToken=token)

    assert _bad_fields(answer) == ["nextToken"]


def test_every_bad_parameter_is_named(read: Handler) -> None:
    """One answer is enough to repair the whole request."""
    answer = _list(read, orderId="a b", limit="0", nextToken="x")
    assert _bad_fields(answer) == ["orderId", "limit", "nextToken"]


def test_list_without_an_order_names_it(read: Handler) -> None:
    """There is no list of everything."""
    assert _bad_fields(_list(read)) == ["orderId"]


def test_missing_table_is_503(read: Handler, cloud: Cloud) -> None:
    """For one refund and for a list."""
    cloud.delete_table()

    answers = [_get(read, a_refund().refund_id), _list(read, orderId="A-1")]

    for answer in answers:
        assert answer["statusCode"] == 503
        assert int(answer["headers"]["Retry-After"]) > 0


def test_reader_answers_with_the_correlation_id(read: Handler) -> None:
    """Reads are correlated like writes."""
    answer = read(
        an_api_event(
            pathParameters={"refundId": "x"}, headers={"X-Correlation-Id": "c-9"}
        )
    )
    assert answer["headers"]["X-Correlation-Id"] == "c-9"
