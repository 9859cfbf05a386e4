"""How the gateway's adapter sorts answers that a server may give."""

import json
from collections.abc import Iterator
from decimal import Inexact

import pytest

from refunds.domain.decision import Approval, Decline
from refunds.domain.model import GatewayFailureError, PaymentPendingError
from refunds.domain.payment import Currency
from service.loopback import serving
from unit.refunds.adapters.answering_server import AnsweringServer
from unit.refunds.builders import a_refund
from unit.refunds.order_gateway import an_adapter


@pytest.fixture
def server() -> Iterator[AnsweringServer]:
    """Return a server that answers what a test tells it to."""
    with serving(AnsweringServer()) as server:
        yield server


def test_order_is_what_the_contract_documents(server: AnsweringServer) -> None:
    """Amount as text with the currency's decimals; the URL's base path is kept."""
    refund = a_refund("10")

    an_adapter(f"{server.url}/v1/").pay_back(refund)

    assert (server.method, server.path) == ("POST", "/v1/refunds")
    assert server.headers["Idempotency-Key"] == refund.refund_id
    assert server.headers["Content-Type"] == "application/json"
    assert "Authorization" not in server.headers
    assert server.json == {
        "refundId": refund.refund_id,
        "orderId": refund.request.order_id,
        "amount": "10.00",
        "currency": "EUR",
        "reason": refund.request.reason,
    }


def test_look_up_is_what_the_contract_documents(server: AnsweringServer) -> None:
    """It orders nothing, so it has no key."""
    refund = a_refund()

    answer = an_adapter(f"{server.url}/v1/").look_up(refund)

    assert answer == Approval("r-1")
    assert (server.method, server.path) == ("GET", f"/v1/refunds/{refund.refund_id}")
    assert "Idempotency-Key" not in server.headers


def test_amount_has_the_decimals_of_its_currency(server: AnsweringServer) -> None:
    """A yen has none."""
    an_adapter(server.url, currency=Currency("JPY", 0)).pay_back(a_refund("1000.00"))

    assert (server.json["amount"], server.json["currency"]) == ("1000", "JPY")


def test_amount_that_its_currency_has_not_is_never_rounded(
    server: AnsweringServer,
) -> None:
    """Paid is what was accepted, or nothing."""
    with pytest.raises(Inexact):
        an_adapter(server.url, currency=Currency("JPY", 0)).pay_back(a_refund("10.50"))

    assert server.connections == 0


@pytest.mark.parametrize(
    "said", [b"", b'"status": "declined", ', b'"status": "failed", ']
)
@pytest.mark.parametrize("status", [402, 422])
def test_documented_refusals_are_declines(
    server: AnsweringServer, status: int, said: bytes
) -> None:
    """Final, because the gateway says why."""
    server.answers(status, b"{" + said + b'"reason": "no funds"}')

    assert an_adapter(server.url).pay_back(a_refund()) == Decline("no funds")


@pytest.mark.parametrize("status", [200, 201])
@pytest.mark.parametrize("said", ["declined", "failed"])
def test_named_refusal_is_a_decline(
    server: AnsweringServer, status: int, said: str
) -> None:
    """By its name; a reason is a convenience here."""
    adapter = an_adapter(server.url)
    server.answers(status, json.dumps({"status": said, "reason": "no funds"}).encode())
    assert adapter.pay_back(a_refund()) == Decline("no funds")

    server.answers(status, json.dumps({"status": said}).encode())
    assert adapter.pay_back(a_refund()) == Decline(f"{said} at the payment gateway")


@pytest.mark.parametrize("status", [200, 201, 202])
def test_pending_is_not_final(server: AnsweringServer, status: int) -> None:
    """Also with a reference: it names what is not done."""
    server.answers(status, b'{"status": "pending", "reference": "r-1"}')

    with pytest.raises(PaymentPendingError):
        an_adapter(server.url).pay_back(a_refund())


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (402, b""),
        (422, b"{}"),
        (422, b'{"reason": 1}'),
        (402, b'{"reason": " "}'),
        (422, b'{"status": "succeeded", "reason": "?", "reference": "r-1"}'),
        (422, b'{"status": "pending", "reason": "later"}'),
    ],
)
def test_refusal_without_a_reason_is_a_failure(
    server: AnsweringServer, status: int, body: bytes
) -> None:
    """A proxy's 422 must not reject a refund for good."""
    server.answers(status, body)

    with pytest.raises(GatewayFailureError):
        an_adapter(server.url).pay_back(a_refund())


@pytest.mark.parametrize(
    "status",
    [302, 400, 401, 403, 404, 408, 409, 425, 429, 499, 500, 502, 503, 504, 599],
)
def test_every_other_status_is_a_failure(server: AnsweringServer, status: int) -> None:
    """Our mistake or the gateway's passing state: neither is final."""
    server.answers(status, b'{"reason": "no funds", "reference": "r"}')

    with pytest.raises(GatewayFailureError, match=str(status)):
        an_adapter(server.url).pay_back(a_refund())

    assert server.path == "/refunds"


@pytest.mark.parametrize("status", [200, 201])
@pytest.mark.parametrize(
    ("body", "reference"),
    [
        (b'{"status": "succeeded", "reference": "r-1"}', "r-1"),
        (b'{"status": "succeeded", "reference": "\\ud800", "more": 1}', "?"),
    ],
)
def test_named_success_with_a_reference_is_an_approval(
    server: AnsweringServer, status: int, body: bytes, reference: str
) -> None:
    """Nothing else is."""
    server.answers(status, body)

    assert an_adapter(server.url).pay_back(a_refund()) == Approval(reference)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (204, b""),
        (200, b"{}"),
        (200, b'{"reference": "r-1"}'),
        (200, b'{"status": "succeeded"}'),
        (200, b'{"status": "succeeded", "reference": ""}'),
        (200, b'{"status": "succeeded", "reference": " "}'),
        (200, b'{"status": "succeeded", "reference": 1}'),
        (200, b'{"status": "SUCCEEDED", "reference": "r-1"}'),
        (200, b'{"status": "canceled", "reference": "r-1"}'),
        (200, b'{"status": ["succeeded"], "reference": "r-1"}'),
        (200, b'{"status": true, "reference": "r-1"}'),
        (202, b'{"status": "succeeded", "reference": "r-1"}'),
        (202, b'{"status": "failed", "reason": "no funds"}'),
        (203, b'{"status": "succeeded", "reference": "r-1"}'),
        (206, b'{"status": "succeeded", "reference": "r-1"}'),
        (500, b'{"status": "succeeded", "reference": "r-1"}'),
        (402, b'{"status": "succeeded", "reference": "r-1"}'),
    ],
)
def test_success_that_is_not_named_is_a_failure(
    server: AnsweringServer, status: int, body: bytes
) -> None:
    """A web server that is no gateway answers 200 to everything and pays nothing."""
    server.answers(status, body)

    with pytest.raises(GatewayFailureError):
        an_adapter(server.url).pay_back(a_refund())


def test_look_up_of_what_was_never_seen_finds_nothing(server: AnsweringServer) -> None:
    """404 and nothing else."""
    server.answers(404, b"")

    assert an_adapter(server.url).look_up(a_refund()) is None


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, b"{}"),
        (401, b"{}"),
        (402, b'{"reason": "no such path"}'),
        (410, b"{}"),
        (422, b'{"reason": "no such path"}'),
        (500, b"{}"),
        (200, b""),
        (202, b'{"status": "pending"}'),
    ],
)
def test_look_up_that_tells_nothing_is_a_failure(
    server: AnsweringServer, status: int, body: bytes
) -> None:
    """Never a permission to pay."""
    server.answers(status, body)

    with pytest.raises(GatewayFailureError):
        an_adapter(server.url).look_up(a_refund())


def test_look_up_that_is_pending_is_not_final(server: AnsweringServer) -> None:
    """To be asked again."""
    server.answers(200, b'{"status": "pending"}')

    with pytest.raises(PaymentPendingError):
        an_adapter(server.url).look_up(a_refund())


@pytest.mark.parametrize(
    "body", [b"[]", b"ok", b"\xff", b"[" * 60_000, b'{"a": "' + b"x" * 70_000 + b'"}']
)
def test_success_with_garbage_is_a_failure(
    server: AnsweringServer, body: bytes
) -> None:
    """A payment gateway answers with a JSON object."""
    server.answers(200, body)

    with pytest.raises(GatewayFailureError, match="not a JSON object"):
        an_adapter(server.url).pay_back(a_refund())


def test_truncated_answer_is_a_failure(server: AnsweringServer) -> None:
    """Half an answer is none."""
    server.answers(200, b'{"reference": "r-1"}', announced_bytes=100)

    with pytest.raises(GatewayFailureError):
        an_adapter(server.url).pay_back(a_refund())


def test_connection_is_used_again(server: AnsweringServer) -> None:
    """A handshake per refund would cost more than the refund."""
    adapter = an_adapter(server.url)

    for _ in range(3):
        adapter.pay_back(a_refund())

    assert server.connections == 1
