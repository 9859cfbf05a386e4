"""The limits of docs/openapi.yaml are the ones that the service keeps, to the last one.

Each is tried on both sides: what the document allows is accepted, the next is not.
"""

import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from refunds.domain.model import InvalidRequestError, is_order_id, is_refund_id
from refunds.http.body import MAX_BODY_BYTES
from refunds.http.pagination import DEFAULT_LIMIT, MAX_LIMIT, validate_list
from service.contract import contract
from unit.refunds.builders import a_body, an_api_event
from unit.refunds.http.submissions import bad_fields, validate

CONTRACT = contract()
POST = CONTRACT.operations["createRefund"]
LIST = CONTRACT.operations["listRefunds"]
ORDER_ID = LIST.parameter("orderId")["pattern"]
REFUND_ID = CONTRACT.operations["getRefund"].parameter("refundId")["pattern"]
KEY = POST.parameter("Idempotency-Key")["pattern"]
CHARACTERS = [chr(code) for code in range(0x250)]


def field(name: str) -> dict[str, Any]:
    """Return the schema of a field of POST /refunds."""
    content = POST.described["requestBody"]["content"]["application/json"]
    found: dict[str, Any] = content["schema"]["properties"][name]
    return found


def accepts(**changes: object) -> bool:
    """Tell whether a body is valid but for these fields."""
    return not faults(an_api_event(a_body(**changes)))


def faults(event: dict[str, object]) -> list[str]:
    """Return what is wrong with a request."""
    try:
        validate(event)
    except InvalidRequestError as error:
        return [one.field for one in error.errors]
    return []


def accepts_key(key: str) -> bool:
    """Tell whether an Idempotency-Key is valid."""
    return not faults(an_api_event(a_body(), headers={"Idempotency-Key": key}))


def lists(**query: str) -> bool:
    """Tell whether a query is valid."""
    try:
        validate_list({"orderId": "A-1", **query})
    except InvalidRequestError:
        return False
    return True


def test_amount_has_the_documented_bounds() -> None:
    """Above the lower one, up to the upper one, in the documented steps."""
    step, least = Decimal(str(field("amount")["multipleOf"])), field("amount")
    most = Decimal(str(least["maximum"]))

    for amount, is_valid in [
        (Decimal(least["exclusiveMinimum"]), False),
        (step, True),
        (step / 10, False),
        (most, True),
        (most + step, False),
    ]:
        body = f'{{"orderId": "A-1", "amount": {amount:f}, "reason": "damaged"}}'
        assert (not faults(an_api_event(body))) is is_valid, amount


@pytest.mark.parametrize("character", ["x", "é", "\U0001f4b6"])
def test_reason_has_the_documented_length(character: str) -> None:
    """Characters count, not bytes."""
    schema = field("reason")

    assert schema["minLength"] == 1
    assert not accepts(reason="")
    assert accepts(reason=character)
    assert accepts(reason=character * schema["maxLength"])
    assert not accepts(reason=character * (schema["maxLength"] + 1))


def test_reason_is_not_blank_as_documented() -> None:
    """By the pattern, for each character alone."""
    found = {one for one in CHARACTERS if accepts(reason=one)}

    assert found == {
        one for one in CHARACTERS if re.search(field("reason")["pattern"], one)
    }


def test_order_id_is_the_documented_one() -> None:
    """The same in the body and in the query."""
    assert field("orderId")["pattern"] == ORDER_ID
    for text in [*CHARACTERS, "", "a" * 64, "a" * 65, "a\n"]:
        is_valid = re.fullmatch(ORDER_ID.removesuffix("$"), text) is not None
        assert is_order_id(text) is is_valid, text


def test_idempotency_key_is_the_documented_one() -> None:
    """Visible ASCII, up to its length."""
    for text in [*CHARACTERS, "", "a" * 255, "a" * 256]:
        is_valid = re.fullmatch(KEY.removesuffix("$"), text) is not None
        assert accepts_key(text) is is_valid, text


@settings(suppress_health_check=[HealthCheck.too_slow])  # on a machine that is busy
@given(st.from_regex(REFUND_ID, fullmatch=True, alphabet=st.characters(codec="ascii")))
def test_every_documented_refund_id_is_one(text: str) -> None:
    """Reading it is not a bad request."""
    assert is_refund_id(text.removesuffix("\n"))


def test_fields_are_the_documented_ones() -> None:
    """All are required, and no other one is known."""
    content = POST.described["requestBody"]["content"]["application/json"]
    schema = content["schema"]

    assert set(schema["required"]) == set(schema["properties"]) == set(bad_fields({}))
    assert schema["additionalProperties"] is False
    assert bad_fields(a_body(more=1)) == ["more"]


def test_a_body_has_the_documented_size() -> None:
    """White space counts."""
    limit = CONTRACT.document["x-limits"]["bodyBytes"]
    body = '{"orderId": "A-1", "amount": 1, "reason": "damaged"}'

    assert limit == MAX_BODY_BYTES
    assert not faults(an_api_event(body.ljust(limit)))
    assert faults(an_api_event(body.ljust(limit + 1))) == ["body"]


def test_a_page_has_the_documented_length() -> None:
    """As many as asked for; else the default."""
    schema = LIST.parameter("limit")
    ok = LIST.described["responses"]["200"]["content"]["application/json"]["schema"]

    assert (schema["minimum"], schema["maximum"]) == (1, MAX_LIMIT)
    assert schema["default"] == DEFAULT_LIMIT == validate_list({"orderId": "A"}).limit
    assert ok["properties"]["refunds"]["maxItems"] == MAX_LIMIT
    assert [lists(limit=str(n)) for n in (0, 1, MAX_LIMIT, MAX_LIMIT + 1)] == [
        False, True, True, False,
    ]  # fmt: skip


def test_only_the_documented_media_type_is_taken() -> None:
    """With or without a charset."""
    [media_type] = POST.described["requestBody"]["content"]

    for given_type, is_valid in [
        (media_type, True),
        (f"{media_type}; charset=utf-8", True),
        ("text/plain", False),
        ("application/problem+json", False),
    ]:
        event = an_api_event(a_body(), headers={"Content-Type": given_type})
        assert (not faults(event)) is is_valid, given_type
