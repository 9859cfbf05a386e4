"""How the gateway's adapter sorts answers that a server may give."""

from collections.abc import Iterator

import pytest

from refunds.domain.decision import Approval, Decline
from refunds.domain.model import GatewayFailureError
from sam_harness.loopback import serving
from unit.refunds.adapters.answering_server import AnsweringServer
from unit.refunds.builders import a_refund
from unit.refunds.order_gateway import an_adapter


@pytest.fixture
def server() -> Iterator[AnsweringServer]:
    """Return a server that answers what a test tells it to."""
    with serving(AnsweringServer()) as server:
        yield server


def test_request_is_what_the_gateway_documents(server: AnsweringServer) -> None:
    """Amount as text with two decimals; base paths of the URL are kept."""
    refund = a_refund("10")

    an_adapter(f"{server.url}/v1/").pay_back(refund)

    assert server.path == "/v1/refunds"
    assert server.headers["Idempotency-Key"] == refund.refund_id
    assert server.headers["Content-Type"] == "application/json"
    assert server.json == {
        "refundId": refund.refund_id,
        "orderId": refund.request.order_id,
        "amount": "10.00",
        "reason": refund.request.reason,
    }


@pytest.mark.parametrize("status", [402, 422])
def test_documented_refusals_are_declines(server: AnsweringServer, status: int) -> None:
    """Final, because the gateway says why."""
    server.answers(status, b'{"reason": "no funds"}')

    assert an_adapter(server.url).pay_back(a_refund()) == Decline("no funds")


@pytest.mark.parametrize(
    ("status", "body"),
    [(402, b""), (422, b"{}"), (422, b'{"reason": 1}'), (402, b'{"reason": " "}')],
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


@pytest.mark.parametrize(
    ("body", "reference"),
    [
        (b"", None),
        (b"{}", None),
        (b'{"reference": 1}', None),
        (b'{"reference": "r-1"}', "r-1"),
        (b'{"reference": "\\ud800"}', "?"),
    ],
)
def test_success_is_an_approval_with_or_without_a_reference(
    server: AnsweringServer, body: bytes, reference: str | None
) -> None:
    """The reference is a convenience."""
    server.answers(201, body)

    assert an_adapter(server.url).pay_back(a_refund()) == Approval(reference)


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
