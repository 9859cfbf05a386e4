"""Which answers say that the gateway is out, and which are about one refund alone."""

from collections.abc import Iterator

import pytest

from refunds.domain.model import GatewayFailureError, GatewayOutError, RefundError
from service.loopback import serving
from unit.refunds.adapters.answering_server import AnsweringServer
from unit.refunds.builders import a_refund
from unit.refunds.order_gateway import an_adapter

OUT = (302, 401, 403, 404, 408, 429, 500, 502, 503, 504)
OF_THE_REFUND = (400, 409, 410, 422, 499)


@pytest.fixture
def server() -> Iterator[AnsweringServer]:
    """Yield a server."""
    with serving(AnsweringServer()) as server:
        yield server


def _error(server: AnsweringServer, call: str) -> type[RefundError]:
    with pytest.raises(GatewayFailureError) as raised:
        getattr(an_adapter(server.url), call)(a_refund())
    return raised.type


@pytest.mark.parametrize(
    ("status", "call"),
    [(status, "pay_back") for status in OUT]
    # 404 is the answer to a look-up.
    + [(status, "look_up") for status in OUT if status != 404],
)
def test_status_that_every_refund_would_get_is_an_outage(
    server: AnsweringServer, status: int, call: str
) -> None:
    """Credentials, address and load are no refund's own."""
    server.answers(status, b"{}")

    assert _error(server, call) is GatewayOutError


@pytest.mark.parametrize("call", ["pay_back", "look_up"])
@pytest.mark.parametrize("status", OF_THE_REFUND)
def test_status_that_is_about_the_refund_is_no_outage(
    server: AnsweringServer, status: int, call: str
) -> None:
    """One refund that the gateway dislikes holds up no other."""
    server.answers(status, b"{}")

    assert _error(server, call) is GatewayFailureError


@pytest.mark.parametrize("call", ["pay_back", "look_up"])
@pytest.mark.parametrize("body", [b"", b"<html>maintenance</html>", b"[]"])
def test_answer_of_another_server_is_an_outage(
    server: AnsweringServer, body: bytes, call: str
) -> None:
    """What answers is not the gateway."""
    server.answers(200, body)

    assert _error(server, call) is GatewayOutError


def test_outcome_that_is_not_known_is_no_outage(server: AnsweringServer) -> None:
    """The gateway answers, and has a word of its own for this refund."""
    server.answers(200, b'{"status": "requires_action"}')

    assert _error(server, "pay_back") is GatewayFailureError


def test_gateway_that_is_not_there_is_out() -> None:
    """Nothing listens on port 1."""
    with pytest.raises(GatewayOutError, match="NewConnectionError"):
        an_adapter("http://127.0.0.1:1").pay_back(a_refund())


def test_gateway_that_does_not_answer_is_out(server: AnsweringServer) -> None:
    """It takes the connection and the order, and is silent."""
    server.answers(200, b"{}", announced_bytes=100)

    with pytest.raises(GatewayOutError):
        an_adapter(server.url, 0.2).pay_back(a_refund())
