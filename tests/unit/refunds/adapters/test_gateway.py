"""How the gateway's behaviour is sorted: the loopback one's and the simulated one's."""

import socket

import pytest

from refunds.adapters.gateway import HttpGateway, SimulatedGateway
from refunds.domain.decision import Approval, Decline
from refunds.domain.model import GatewayFailureError
from service.payment_gateway import PaymentGateway
from service.payment_gateway_rules import Mode
from unit.refunds.builders import a_refund
from unit.refunds.order_gateway import OrderGateway, an_adapter

IMPATIENT_S = 0.01


@pytest.fixture
def adapter(shared_gateway: PaymentGateway) -> HttpGateway:
    """Return the adapter, connected to the loopback gateway."""
    return an_adapter(shared_gateway.url)


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
    """Whether the money moved is unknown: only a repeat tells."""
    gateway.behaves(mode, delay_s=60)
    adapter = an_adapter(shared_gateway.url, IMPATIENT_S)

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
            an_adapter(url).pay_back(a_refund())


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
