"""A payment gateway on loopback that misbehaves on demand and counts every charge.

POST /refunds charges. Only the first charge of an Idempotency-Key moves money; a
repeat gets the same answer. The same port has the controls (modes: see Mode):

    PUT    /control/mode     {"mode": …, "delayS"?: …, "orderIdPrefix"?: …}
    DELETE /control/mode     forgets all rules, or with ?orderIdPrefix=… that one
    GET    /control/charges  [{"idempotencyKey", "orderId", "amount", "attempts",
                               "effects"}]

    python -m refund_stack.payment_gateway --port 8080
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import socket
import sys
import threading
from http.server import ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self, override

from harness import loopback
from refund_stack.payment_gateway_handler import GatewayRequestHandler
from refund_stack.payment_gateway_ledger import Ledger
from refund_stack.payment_gateway_rules import Rules

if TYPE_CHECKING:
    from types import TracebackType

    from refund_stack.payment_gateway_ledger import Charge
    from refund_stack.payment_gateway_rules import Mode


class GatewayServer(ThreadingHTTPServer):
    """A server that ends every connection when it closes, answered or not."""

    request_queue_size = 128
    # Closing joins the threads: each of them ends with its connection.
    daemon_threads = False

    def __init__(self, address: tuple[str, int]) -> None:
        self.rules = Rules()
        self.ledger = Ledger()
        self._connections: set[socket.socket] = set()
        super().__init__(address, GatewayRequestHandler)

    @override
    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        self._connections.add(connection)
        return connection, address

    @override
    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    @override
    def server_close(self) -> None:
        self.rules.close()
        for connection in self._connections.copy():
            # Closed meanwhile is as good.
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        super().server_close()

    @override
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that went away: that is what timeouts look like."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class PaymentGateway:
    """The gateway as a context manager, in a thread of this process."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self._server = GatewayServer((host, port))
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            name="payment-gateway",
            daemon=True,
        )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def port(self) -> int:
        """The port, also where 0 was asked for."""
        return self._server.server_port

    @property
    def url(self) -> str:
        """Base URL for clients on this machine; the controls are below /control."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """End at once, whatever is in flight."""
        if self._thread.is_alive():
            loopback.stop(self._server)
            self._thread.join()
        self._server.server_close()

    def charges(self, order_id_prefix: str = "") -> list[Charge]:
        """Return the charges of all orders, or of some, oldest first."""
        return [
            charge
            for charge in self._server.ledger.charges()
            if charge.order_id.startswith(order_id_prefix)
        ]

    def set_mode(
        self, mode: Mode, *, delay_s: float = 0, order_id_prefix: str = ""
    ) -> None:
        """Behave like this from now on; the longest prefix that fits an order wins."""
        self._server.rules.put(mode, delay_s, order_id_prefix)

    def clear_mode(self, order_id_prefix: str = "") -> None:
        """Forget the rule of this prefix."""
        self._server.rules.remove(order_id_prefix)

    def clear_modes(self) -> None:
        """Forget all rules: everything is approved again."""
        self._server.rules.remove(None)


def main() -> int:
    """Run the gateway until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(
        prog="python -m refund_stack.payment_gateway",
        description="A payment gateway for tests: see the module's documentation.",
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    arguments = parser.parse_args()
    signals = {signal.SIGINT, signal.SIGTERM}
    # Blocked before any thread begins, so that only sigwait() gets them.
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        gateway = PaymentGateway(arguments.host, arguments.port)
    except OSError as error:
        place = f"{arguments.host}:{arguments.port}"
        print(f"error: can't listen on {place}: {error.strerror}", file=sys.stderr)
        return 1
    with gateway:
        print(gateway.url, flush=True)
        signal.sigwait(signals)
    return 0


if __name__ == "__main__":
    sys.exit(main())
