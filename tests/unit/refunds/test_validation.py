"""Every way in which a body or a header of POST /refunds can be wrong."""

import base64
import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refunds.body import MAX_BODY_BYTES
from refunds.model import InvalidRequestError, RefundRequest
from refunds.request import read_request
from refunds.validation import Submission, validate_submission
from unit.refunds.builders import a_body, an_api_event


def _validate(event: dict[str, object]) -> Submission:
    return validate_submission(read_request(event, "fallback"))


def _bad_fields(
    body: object, *, headers: dict[str, str] | None = None, is_base64: bool = False
) -> list[str]:
    event = an_api_event(body, headers=headers) | {"isBase64Encoded": is_base64}
    with pytest.raises(InvalidRequestError) as raised:
        _validate(event)
    return [error.field for error in raised.value.errors]


def _with_amount(literal: str) -> str:
    """Return a body whose amount is exactly this text."""
    return json.dumps(a_body(amount=0)).replace(": 0", f": {literal}")


@pytest.mark.parametrize("order_id", ["a", "A-1._z", "x" * 64])
def test_valid_order_ids_are_kept(order_id: str) -> None:
    """The whole alphabet and both ends of the length."""
    assert (
        _validate(an_api_event(a_body(orderId=order_id))).request.order_id == order_id
    )


@pytest.mark.parametrize(
    "order_id",
    ["", "x" * 65, "a b", "é", "a\n", "\u0661", 1, True, None, ["a"], {"a": 1}],
)
def test_bad_order_id_is_named(order_id: object) -> None:
    """Length, alphabet, type and absence."""
    assert _bad_fields(a_body(orderId=order_id)) == ["orderId"]


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
    request = _validate(an_api_event(_with_amount(literal))).request
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
    assert _bad_fields(_with_amount(literal)) == ["amount"]


def test_missing_amount_is_named() -> None:
    """Absence is a fault like any other."""
    assert _bad_fields(a_body(amount=None)) == ["amount"]


@pytest.mark.parametrize("reason", ["x", "x" * 500, "défaut 😀", " a ", "😀" * 500])
def test_valid_reasons_are_kept(reason: str) -> None:
    """Characters are counted, not bytes."""
    assert _validate(an_api_event(a_body(reason=reason))).request.reason == reason


@pytest.mark.parametrize(
    "reason",
    ["", " ", "\t\n\u00a0", "x" * 501, "\ud800", "a\udfffb", 1, True, [], None],
)
def test_bad_reason_is_named(reason: object) -> None:
    """Blank, too long, not text, or not Unicode."""
    assert _bad_fields(a_body(reason=reason)) == ["reason"]


def test_every_missing_field_is_named() -> None:
    """An empty object lacks them all."""
    assert sorted(_bad_fields({})) == ["amount", "orderId", "reason"]


def test_unknown_fields_are_named() -> None:
    """A misspelt field must not be ignored silently."""
    assert _bad_fields(a_body() | {"Amount": 1, "\ud800": 2}) == ["Amount", "\ud800"]


def test_duplicate_keys_are_named() -> None:
    """Nobody knows which of the two is meant."""
    text = json.dumps(a_body())[:-1] + ', "amount": 1}'
    assert _bad_fields(text) == ["amount"]


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "  ",
        "{",
        "[]",
        '"text"',
        "1",
        "null",
        "NaN",
        '{"orderId": "a",}',
        "{'orderId': 'a'}",
        "[" * MAX_BODY_BYTES,
        '{"a":' * 3000,
        "\ufeff{}",
        "\ud800",
        '{"a": "' + "x" * MAX_BODY_BYTES + '"}',
        "9" * 5000,
    ],
)
def test_body_that_is_no_json_object_is_named(text: str | None) -> None:
    """Empty, broken, not an object, nested without end, too long."""
    assert _bad_fields(text) == ["body"]


@pytest.mark.parametrize("encoded", ["%%%", "a", base64.b64encode(b"\xff{").decode()])
def test_base64_that_is_no_text_is_named(encoded: str) -> None:
    """Neither broken base64 nor invalid UTF-8 gets through."""
    assert _bad_fields(encoded, is_base64=True) == ["body"]


def test_body_of_the_greatest_length_is_valid() -> None:
    """The limit is the last length that is allowed."""
    text = json.dumps(a_body())
    longest = text + " " * (MAX_BODY_BYTES - len(text))
    assert _validate(an_api_event(longest)).idempotency_key is None
    assert _bad_fields(longest + " ") == ["body"]


@pytest.mark.parametrize(
    "content_type", ["application/json", "Application/JSON; charset=utf-8"]
)
def test_json_content_types_are_valid(content_type: str) -> None:
    """Case and parameters don't matter."""
    event = an_api_event(a_body(), headers={"Content-Type": content_type})
    assert _validate(event).request.reason == "damaged"


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/json-patch"])
def test_other_content_types_are_named(content_type: str) -> None:
    """A form is not guessed to be JSON."""
    assert _bad_fields(a_body(), headers={"Content-Type": content_type}) == [
        "Content-Type"
    ]


def test_missing_content_type_is_named() -> None:
    """Also when no header arrives at all."""
    event = an_api_event(a_body()) | {"headers": None}
    with pytest.raises(InvalidRequestError) as raised:
        _validate(event)
    assert [error.field for error in raised.value.errors] == ["Content-Type"]


@pytest.mark.parametrize("key", ["!", "~" * 255, "8e03978e-40d5-43e8"])
def test_valid_idempotency_keys_are_kept(key: str) -> None:
    """Whatever the client's names look like."""
    event = an_api_event(a_body(), headers={"idempotency-KEY": key})
    assert _validate(event).idempotency_key == key


@pytest.mark.parametrize("key", ["", "a b", "é", "x" * 256, "a\n", "\x7f"])
def test_bad_idempotency_key_is_named(key: str) -> None:
    """A key that is ignored would break the client's trust in it."""
    headers = {"Idempotency-Key": key}
    assert _bad_fields(a_body(), headers=headers) == ["Idempotency-Key"]


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

    submission = _validate(an_api_event(text))

    assert submission.request == RefundRequest(order_id, amount, reason)
