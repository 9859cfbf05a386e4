"""How the gateway's answers and failures are sorted, against a real HTTP server."""

import socket
from collections.abc import Iterator

import pytest

from refund_stack.payment_gateway import PaymentGateway
from refund_stack.payment_gateway_rules import Mode
from refunds.gateway import HttpGateway, SimulatedGateway
from refunds.model import Approval, Decline, GatewayFailureError
from unit.refunds.answering_server import AnsweringServer
from unit.refunds.builders import a_refund
from unit.refunds.order_gateway import OrderGateway

# Patient wherever an answer is expected: the machine may be busy.
PATIENT_S = 5.0
IMPATIENT_S = 0.05


def _adapter(url: str, read_timeout_s: float = PATIENT_S) -> HttpGateway:
    return HttpGateway(url, PATIENT_S, read_timeout_s, connections=2)


@pytest.fixture
def adapter(shared_gateway: PaymentGateway) -> HttpGateway:
    """Return the adapter, connected to the loopback gateway."""
    return _adapter(shared_gateway.url)


@pytest.fixture
def server() -> Iterator[AnsweringServer]:
    """Return a server that answers what a test tells it to."""
    with AnsweringServer() as server:
        yield server


def test_approval_carries_the_reference(
    adapter: HttpGateway, gateway: OrderGateway
) -> None:
    """The reference is the gateway's own."""
    refund = a_refund(order_id=gateway.order_id)

    assert adapter.pay_back(refund) == Approval(f"charge-{refund.refund_id}")


def test_repeated_call_moves_money_once(
    adapter: HttpGateway, gateway: OrderGateway
) -> None:
    """The refundId is the idempotency key."""
    refund = a_refund(order_id=gateway.order_id)

    assert adapter.pay_back(refund) == adapter.pay_back(refund)
    assert (gateway.attempts(), gateway.effects()) == (2, 1)


@pytest.mark.parametrize(
    ("mode", "cause"),
    [
        ("reset", "ProtocolError"),
        ("fail", "status 503"),
        ("garbage", "not a JSON object"),
    ],
)
def test_failure_is_retryable_and_tried_once(
    adapter: HttpGateway, gateway: OrderGateway, mode: Mode, cause: str
) -> None:
    """The queue retries, not the adapter."""
    gateway.behaves(mode)

    with pytest.raises(GatewayFailureError, match=cause):
        adapter.pay_back(a_refund(order_id=gateway.order_id))

    assert gateway.attempts() == 1


def test_slow_answer_within_the_timeout_counts(
    adapter: HttpGateway, gateway: OrderGateway
) -> None:
    """Slow is not dead."""
    gateway.behaves("slow", delay_s=IMPATIENT_S)

    answer = adapter.pay_back(a_refund(order_id=gateway.order_id))

    assert isinstance(answer, Approval)


@pytest.mark.parametrize("mode", ["hang", "hang_after_charge", "slow"])
def test_answer_that_does_not_come_in_time_is_a_failure(
    shared_gateway: PaymentGateway, gateway: OrderGateway, mode: Mode
) -> None:
    """Nobody knows whether the money moved: only a repeat tells."""
    gateway.behaves(mode, delay_s=60)
    adapter = _adapter(shared_gateway.url, IMPATIENT_S)

    with pytest.raises(GatewayFailureError, match="ReadTimeoutError"):
        adapter.pay_back(a_refund(order_id=gateway.order_id))


def test_decline_is_final(adapter: HttpGateway, gateway: OrderGateway) -> None:
    """With the gateway's reason."""
    gateway.behaves("decline")

    answer = adapter.pay_back(a_refund(order_id=gateway.order_id))

    assert answer == Decline("declined: card expired")
    assert gateway.effects() == 0


def test_refused_connection_is_a_failure() -> None:
    """A gateway that is down may come back."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"

        with pytest.raises(GatewayFailureError, match="NewConnectionError"):
            _adapter(url).pay_back(a_refund())


def test_request_is_what_the_gateway_documents(server: AnsweringServer) -> None:
    """Amount as text with two decimals; base paths of the URL are kept."""
    refund = a_refund("10")

    _adapter(f"{server.url}/v1/").pay_back(refund)

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

    assert _adapter(server.url).pay_back(a_refund()) == Decline("no funds")


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
        _adapter(server.url).pay_back(a_refund())


@pytest.mark.parametrize(
    "status",
    [302, 400, 401, 403, 404, 408, 409, 425, 429, 499, 500, 502, 503, 504, 599],
)
def test_every_other_status_is_a_failure(server: AnsweringServer, status: int) -> None:
    """Ours or theirs: somebody has to look before it is final."""
    server.answers(status, b'{"reason": "no funds", "reference": "r"}')

    with pytest.raises(GatewayFailureError, match=str(status)):
        _adapter(server.url).pay_back(a_refund())

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

    assert _adapter(server.url).pay_back(a_refund()) == Approval(reference)


@pytest.mark.parametrize(
    "body", [b"[]", b"ok", b"\xff", b"[" * 60_000, b'{"a": "' + b"x" * 70_000 + b'"}']
)
def test_success_with_garbage_is_a_failure(
    server: AnsweringServer, body: bytes
) -> None:
    """Whoever answered was not the gateway."""
    server.answers(200, body)

    with pytest.raises(GatewayFailureError, match="not a JSON object"):
        _adapter(server.url).pay_back(a_refund())


def test_truncated_answer_is_a_failure(server: AnsweringServer) -> None:
    """Half an answer is none."""
    server.answers(200, b'{"reference": "r-1"}', announced_bytes=100)

    with pytest.raises(GatewayFailureError):
        _adapter(server.url).pay_back(a_refund())


def test_connection_is_used_again(server: AnsweringServer) -> None:
    """A handshake per refund would cost more than the refund."""
    adapter = _adapter(server.url)

    for _ in range(3):
        adapter.pay_back(a_refund())

    assert server.connections == 1


def test_simulated_gateway_approves() -> None:
    """Without a URL there is still something to try."""
    refund = a_refund(order_id="order-1")

    answer = SimulatedGateway().pay_back(refund)

    assert answer == Approval(f"simulated-{refund.refund_id}")


def test_simulated_gateway_times_out_on_demand() -> None:
    """By the order id's prefix."""
    with pytest.raises(GatewayFailureError, match="simulated timeout"):
        SimulatedGateway().pay_back(a_refund(order_id="SIM-TIMEOUT-1"))


def test_simulated_gateway_declines_on_demand() -> None:
    """By the order id's prefix."""
    answer = SimulatedGateway().pay_back(a_refund(order_id="SIM-DECLINE-1"))

    assert isinstance(answer, Decline)
