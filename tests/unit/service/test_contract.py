"""What holds an answer against the contract finds each way to break it."""

import json

import pytest

from service.contract import contract

CREATE = contract().operations["createRefund"]
RESPONSE = CREATE.described["responses"]["503"]
[EXAMPLE] = RESPONSE["content"]["application/problem+json"]["examples"].values()
BODY = EXAMPLE["value"]
HEADERS = {
    "content-type": "application/problem+json; charset=utf-8",
    "X-CORRELATION-ID": "c-1",
    "retry-after": "5",
}


def without(name: str) -> dict[str, str]:
    """Return the headers but one."""
    return {one: value for one, value in HEADERS.items() if one != name}


def test_an_answer_that_keeps_the_contract_breaks_nothing() -> None:
    """Names of headers in any case, a media type with a parameter."""
    assert CREATE.broken_by(503, HEADERS, json.dumps(BODY)) == []


@pytest.mark.parametrize(
    ("status", "headers", "body", "said"),
    [
        (418, HEADERS, BODY, "answers 418, which is not documented"),
        (503, without("retry-after"), BODY, "no header Retry-After"),
        (503, HEADERS | {"retry-after": "soon"}, BODY, "header Retry-After"),
        (503, HEADERS | {"retry-after": "0"}, BODY, "header Retry-After"),
        (503, HEADERS | {"content-type": "text/html"}, BODY, "its Content-Type is"),
        (503, without("content-type"), BODY, "its Content-Type is ''"),
        (503, HEADERS, BODY | {"secret": 1}, "'secret' was unexpected"),
        (503, HEADERS, BODY | {"status": "503"}, "body $.status"),
        (503, HEADERS, {}, "'title' is a required property"),
        (503, HEADERS, [], "is not of type 'object'"),
    ],
)
def test_what_an_answer_breaks_is_said(
    status: int, headers: dict[str, str], body: object, said: str
) -> None:
    """With the operation's name."""
    faults = CREATE.broken_by(status, headers, json.dumps(body))

    assert any(said in fault for fault in faults), faults
    assert all(fault.startswith("createRefund") for fault in faults)


def test_a_body_that_is_no_json_is_said() -> None:
    """A page of a proxy, for example."""
    [fault] = CREATE.broken_by(503, HEADERS, "<html>")

    assert fault.endswith("its body is not JSON")
