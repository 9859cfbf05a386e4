"""What carries a refund request: body, content type, idempotency key."""

import base64
import json

import pytest

from refunds.domain.model import InvalidRequestError
from refunds.http.body import MAX_BODY_BYTES
from unit.refunds.builders import a_body, an_api_event
from unit.refunds.http.submissions import bad_fields, validate


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
    assert bad_fields(text) == ["body"]


@pytest.mark.parametrize("encoded", ["%%%", "a", base64.b64encode(b"\xff{").decode()])
def test_base64_that_is_no_text_is_named(encoded: str) -> None:
    """Neither broken base64 nor invalid UTF-8 gets through."""
    assert bad_fields(encoded, is_base64=True) == ["body"]


def test_what_stands_for_bytes_that_were_no_utf_8_is_named() -> None:
    """API Gateway replaces them; a U+FFFD that is meant can be escaped."""
    meant = json.dumps(a_body(reason="a\ufffd"))
    replaced = json.dumps(a_body(reason="a\ufffd"), ensure_ascii=False)
    encoded = base64.b64encode(replaced.encode()).decode()

    assert validate(an_api_event(meant)).request.reason == "a\ufffd"
    assert bad_fields(replaced) == ["body"]
    whole = validate(an_api_event(encoded) | {"isBase64Encoded": True})
    assert whole.request.reason == "a\ufffd"


def test_body_of_the_greatest_length_is_valid() -> None:
    """The limit is the last length that is allowed."""
    text = json.dumps(a_body())
    longest = text + " " * (MAX_BODY_BYTES - len(text))
    assert validate(an_api_event(longest)).idempotency_key is None
    assert bad_fields(longest + " ") == ["body"]


@pytest.mark.parametrize(
    "content_type", ["application/json", "Application/JSON; charset=utf-8"]
)
def test_json_content_types_are_valid(content_type: str) -> None:
    """Case and parameters don't matter."""
    event = an_api_event(a_body(), headers={"Content-Type": content_type})
    assert validate(event).request.reason == "damaged"


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/json-patch"])
def test_other_content_types_are_named(content_type: str) -> None:
    """A form is not guessed to be JSON."""
    assert bad_fields(a_body(), headers={"Content-Type": content_type}) == [
        "Content-Type"
    ]


def test_missing_content_type_is_named() -> None:
    """Also when no header arrives at all."""
    event = an_api_event(a_body()) | {"headers": None}
    with pytest.raises(InvalidRequestError) as raised:
        validate(event)
    assert [error.field for error in raised.value.errors] == ["Content-Type"]


@pytest.mark.parametrize("key", ["!", "~" * 255, "8e03978e-40d5-43e8"])
def test_valid_idempotency_keys_are_kept(key: str) -> None:
    """Whatever the client's names look like."""
    event = an_api_event(a_body(), headers={"idempotency-KEY": key})
    assert validate(event).idempotency_key == key


@pytest.mark.parametrize("key", ["", "a b", "é", "x" * 256, "a\n", "\x7f"])
def test_bad_idempotency_key_is_named(key: str) -> None:
    """A key that is ignored would break the client's trust in it."""
    headers = {"Idempotency-Key": key}
    assert bad_fields(a_body(), headers=headers) == ["Idempotency-Key"]
