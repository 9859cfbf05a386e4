"""GET /refunds?orderId=…: the refunds of an order, page by page."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest

from refunds.domain.model import Refund, now
from unit.refunds.builders import a_refund, an_api_event, an_order_id
from unit.refunds.cloud import Cloud
from unit.refunds.entry_points import Handler
from unit.refunds.functions.answers import bad_fields_of, body_of


def _list(read: Handler, **query: str) -> dict[str, Any]:
    return read(an_api_event(queryStringParameters=query or None))


def _given_refunds(cloud: Cloud, count: int) -> tuple[str, list[Refund]]:
    order_id = an_order_id()
    times = [now() + timedelta(milliseconds=number) for number in range(count)]
    return order_id, [
        cloud.given(a_refund(order_id=order_id, created_at=time)) for time in times
    ]


def test_order_lists_its_own_refunds_oldest_first(read: Handler, cloud: Cloud) -> None:
    """Other orders stay out."""
    order_id, refunds = _given_refunds(cloud, 3)
    _given_refunds(cloud, 1)

    body = body_of(_list(read, orderId=order_id))

    ids = [refund["refundId"] for refund in body["refunds"]]
    assert ids == [refund.refund_id for refund in refunds]
    assert "nextToken" not in body


def test_order_without_refunds_lists_none(read: Handler) -> None:
    """An unknown order is not an error."""
    assert body_of(_list(read, orderId=an_order_id())) == {"refunds": []}


def test_pages_show_every_refund_once(read: Handler, cloud: Cloud) -> None:
    """Following nextToken leads through all of them."""
    order_id, refunds = _given_refunds(cloud, 5)
    seen, query = [], {"orderId": order_id, "limit": "2"}
    for _ in range(len(refunds)):
        body = body_of(_list(read, **query))
        assert len(body["refunds"]) <= 2
        seen += [refund["refundId"] for refund in body["refunds"]]
        if "nextToken" not in body:
            break
        query["nextToken"] = body["nextToken"]

    assert seen == [refund.refund_id for refund in refunds]


def test_limit_defaults_to_25(read: Handler, cloud: Cloud) -> None:
    """A page has a size even where the request names none."""
    order_id, _ = _given_refunds(cloud, 26)

    body = body_of(_list(read, orderId=order_id))

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
    assert bad_fields_of(_list(read, orderId=an_order_id(), limit=limit)) == ["limit"]


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
    assert bad_fields_of(answer) == ["nextToken"]


def test_token_of_another_order_is_named(read: Handler, cloud: Cloud) -> None:
    """A token continues the list it came from, and no other."""
    order_id, _ = _given_refunds(cloud, 2)
    token = body_of(_list(read, orderId=order_id, limit="1"))["nextToken"]

    answer = _list(read, orderId=an_order_id(), nextToken=token)

    assert bad_fields_of(answer) == ["nextToken"]


def test_every_bad_parameter_is_named(read: Handler) -> None:
    """One answer is enough to repair the whole request."""
    answer = _list(read, orderId="a b", limit="0", nextToken="x")
    assert bad_fields_of(answer) == ["orderId", "limit", "nextToken"]


def test_list_without_an_order_names_it(read: Handler) -> None:
    """There is no list of everything."""
    assert bad_fields_of(_list(read)) == ["orderId"]
