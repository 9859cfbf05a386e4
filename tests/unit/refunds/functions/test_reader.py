"""GET /refunds/{refundId}, row by row, and what both requests share."""

from datetime import timedelta
from typing import Any

import pytest

from refunds.domain.model import Status, iso, now
from unit.refunds.builders import a_refund, an_api_event
from unit.refunds.cloud import Cloud
from unit.refunds.entry_points import Handler
from unit.refunds.functions.answers import bad_fields_of, body_of


def _get(read: Handler, refund_id: str) -> dict[str, Any]:
    event = an_api_event(pathParameters={"refundId": refund_id})
    return read(event)


def test_pending_refund_is_shown_without_a_decision(
    read: Handler, cloud: Cloud
) -> None:
    """The fields that the contract names."""
    refund = cloud.given(a_refund("49.90"))

    answer = _get(read, refund.refund_id)

    assert answer["statusCode"] == 200
    assert answer["headers"]["Content-Type"] == "application/json"
    assert body_of(answer) == {
        "refundId": refund.refund_id,
        "orderId": refund.request.order_id,
        "amount": 49.9,
        "currency": "EUR",
        "reason": "damaged",
        "status": "PENDING",
        "createdAt": iso(refund.created_at),
        "updatedAt": iso(refund.updated_at),
    }


def test_decided_refund_is_shown_with_its_reason(read: Handler, cloud: Cloud) -> None:
    """And with the time of the decision."""
    later = now() + timedelta(seconds=1)
    refund = cloud.given(a_refund(status=Status.REJECTED, updated_at=later))

    body = body_of(_get(read, refund.refund_id))

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
    """A well formed id that was never given out."""
    answer = _get(read, a_refund().refund_id)

    assert answer["statusCode"] == 404
    assert body_of(answer)["title"] == "Not Found"


@pytest.mark.parametrize("refund_id", ["", "1", "../x", "A" * 36, "%00", "\ud800"])
def test_impossible_refund_id_is_named(read: Handler, refund_id: str) -> None:
    """No such id was ever given out."""
    assert bad_fields_of(_get(read, refund_id)) == ["refundId"]


def test_missing_table_is_503(read: Handler, cloud: Cloud) -> None:
    """For one refund and for a list."""
    cloud.delete_table()

    answers = [
        _get(read, a_refund().refund_id),
        read(an_api_event(queryStringParameters={"orderId": "A-1"})),
    ]

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
