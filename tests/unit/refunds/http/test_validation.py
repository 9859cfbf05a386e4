"""The fields of a refund request, each at its limits."""

import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refunds.domain.model import InvalidRequestError, RefundRequest
from unit.refunds.builders import a_body, an_api_event
from unit.refunds.http.submissions import bad_fields, validate


def _with_amount(literal: str) -> str:
    """Return a body whose amount is exactly this text."""
    return json.dumps(a_body(amount=0)).replace(": 0", f": {literal}")


@pytest.mark.parametrize("order_id", ["a", "A-1._z", "x" * 64])
def test_valid_order_ids_are_kept(order_id: str) -> None:
    """The whole alphabet and both ends of the length."""
    assert validate(an_api_event(a_body(orderId=order_id))).request.order_id == order_id


@pytest.mark.parametrize(
    "order_id",
    ["", "x" * 65, "a b", "é", "a\n", "\u0661", 1, True, None, ["a"], {"a": 1}],
)
def test_bad_order_id_is_named(order_id: object) -> None:
    """Length, alphabet, type and absence."""
    assert bad_fields(a_body(orderId=order_id)) == ["orderId"]


@pytest.mark.parametrize(
    ("literal", "amount"),
    [
        ("0.01", "0.01"),
        ("10", "10"),
        ("10.000", "10"),
        ("1e3", "1000"),
        ("9999999.99", "9999999.99"),
        ("1999e-2", "19.99"),
        ("0.1", "0.1"),
    ],
)
def test_valid_amounts_are_exact(literal: str, amount: str) -> None:
    """By value, never through a float."""
    request = validate(an_api_event(_with_amount(literal))).request
    assert request.amount == Decimal(amount)
    assert request.amount.as_tuple().exponent == -2


@pytest.mark.parametrize(
    "literal",
    [
        "0",
        "-0.0",
        "-1",
        "0.001",
        "10.001",
        "10.00000000000000000000000000000000000001",
        "9999999.991",
        "10000000",
        "1e400",
        "1e-400",
        "1e99999999999999999999",
        "1e-99999999999999999999",
        "9" * 5000,
        "NaN",
        "Infinity",
        "-Infinity",
        "true",
        "null",
        '"10"',
        "[10]",
        '{"value": 10}',
    ],
)
def test_bad_amount_is_named(literal: str) -> None:
    """Sign, size, decimals, type; and numbers that no computer should expand."""
    assert bad_fields(_with_amount(literal)) == ["amount"]


@pytest.mark.parametrize(
    ("decimals", "good", "bad"), [(0, "1000.00", "10.5"), (3, "10.125", "10.1255")]
)
def test_amount_has_at_most_the_decimals_of_its_currency(
    decimals: int, good: str, bad: str
) -> None:
    """A yen has none, a Kuwaiti dinar three."""
    valid = validate(an_api_event(_with_amount(good)), decimals=decimals)

    assert valid.request.amount == Decimal(good)
    with pytest.raises(InvalidRequestError) as raised:
        validate(an_api_event(_with_amount(bad)), decimals=decimals)
    [error] = raised.value.errors
    assert error.message == f"must have at most {decimals} decimals"


def test_missing_amount_is_named() -> None:
    """Absence is a fault like any other."""
    assert bad_fields(a_body(amount=None)) == ["amount"]


@pytest.mark.parametrize("reason", ["x", "x" * 500, "défaut 😀", " a ", "😀" * 500])
def test_valid_reasons_are_kept(reason: str) -> None:
    """Characters are counted, not bytes."""
    assert validate(an_api_event(a_body(reason=reason))).request.reason == reason


@pytest.mark.parametrize(
    "reason",
    ["", " ", "\t\n\u00a0", "x" * 501, "\ud800", "a\udfffb", 1, True, [], None],
)
def test_bad_reason_is_named(reason: object) -> None:
    """Blank, too long, not text, or not Unicode."""
    assert bad_fields(a_body(reason=reason)) == ["reason"]


def test_every_missing_field_is_named() -> None:
    """An empty object lacks them all."""
    assert sorted(bad_fields({})) == ["amount", "orderId", "reason"]


def test_unknown_fields_are_named() -> None:
    """A misspelt field must not be ignored silently."""
    assert bad_fields(a_body() | {"Amount": 1, "\ud800": 2}) == ["Amount", "\ud800"]


def test_duplicate_keys_are_named() -> None:
    """Which of the two is meant is unknown."""
    text = json.dumps(a_body())[:-1] + ', "amount": 1}'
    assert bad_fields(text) == ["amount"]


@settings(max_examples=40, deadline=None)
@given(
    order_id=st.from_regex(r"[A-Za-z0-9._-]{1,64}", fullmatch=True),
    cents=st.integers(min_value=1, max_value=999999999),
    reason=st.text(min_size=1, max_size=500).filter(str.strip),
)
def test_every_valid_request_is_read_exactly(
    order_id: str, cents: int, reason: str
) -> None:
    """What is inside the limits is accepted, to the cent."""
    amount = Decimal(cents).scaleb(-2)
    text = json.dumps({"orderId": order_id, "amount": 0, "reason": reason})
    text = text.replace('"amount": 0', f'"amount": {amount}', 1)

    submission = validate(an_api_event(text))

    assert submission.request == RefundRequest(order_id, amount, reason)
