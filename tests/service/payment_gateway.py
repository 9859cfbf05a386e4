"""The payment gateway double: on loopback, it fails on demand and counts charges.

POST /refunds charges. Only the first charge of an Idempotency-Key moves money; a
repeat gets the same answer. The same port has the controls (modes: see Mode):

    PUT    /control/mode     {"mode": …, "delayS"?: …, "orderIdPrefix"?: …}
    DELETE /control/mode     forgets all rules, or with ?orderIdPrefix=… that one
    GET    /control/charges  [{"idempotencyKey", "orderId", "amount", "attempts",
                               "effects"}]

    python -m service.payment_gateway --port 8080
"""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
import socket
import struct
import sys
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self, override
from urllib.parse import parse_qs, urlsplit

from sam_harness import loopback
from service.payment_gateway_rules import Ledger, Rules

if TYPE_CHECKING:
    from types import TracebackType

    from service.payment_gateway_rules import Charge, Mode, Rule


class GatewayRequestHandler(BaseHTTPRequestHandler):
    """Answers one connection's requests as the rules say."""

    protocol_version = "HTTP/1.1"
    # Header and body are two writes: together with delayed ACKs that costs 40 ms.
    disable_nagle_algorithm = True
    server: GatewayServer

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: the ledger has what happened."""

    def do_POST(self) -> None:
        """Charge: POST /refunds."""
        if (body := self._body("/refunds")) is None:
            return
        key = self.headers.get("Idempotency-Key", "")
        order_id, amount = body.get("orderId"), body.get("amount")
        if not key or not isinstance(order_id, str) or not isinstance(amount, str):
            problem = "Idempotency-Key, orderId and amount (text) are needed"
            self._answer(HTTPStatus.BAD_REQUEST, {"error": problem})
            return
        try:
            charge = self.server.ledger.attempt(key, order_id, amount)
        except ValueError as error:
            self._answer(HTTPStatus.BAD_REQUEST, {"error": str(error)})
            return
        self._behave(charge, self.server.rules.wait_for_rule(order_id))

    def do_PUT(self) -> None:
        """Set a rule: PUT /control/mode."""
        if (body := self._body("/control/mode")) is None:
            return
        try:
            self.server.rules.put(
                str(body.get("mode")),
                float(str(body.get("delayS", 0))),
                str(body.get("orderIdPrefix", "")),
            )
        except ValueError as error:
            self._answer(HTTPStatus.BAD_REQUEST, {"error": str(error)})
        else:
            self._answer(HTTPStatus.OK, body)

    def do_DELETE(self) -> None:
        """Forget one rule or all: DELETE /control/mode[?orderIdPrefix=…]."""
        if self._body("/control/mode") is None:
            return
        query = parse_qs(urlsplit(self.path).query)
        self.server.rules.remove(query.get("orderIdPrefix", [None])[0])
        self._answer(HTTPStatus.OK, {})

    def do_GET(self) -> None:
        """Show every charge: GET /control/charges."""
        if self._body("/control/charges") is None:
            return
        charges = [charge.to_json() for charge in self.server.ledger.charges()]
        self._answer(HTTPStatus.OK, charges)

    def _behave(self, charge: Charge, rule: Rule) -> None:
        match rule.mode:
            case "hang":
                self._hang()
            case "hang_after_charge":
                self.server.ledger.move_money(charge.idempotency_key)
                self._hang()
            case "reset":
                self._reset()
            case "fail":
                self._answer(HTTPStatus.SERVICE_UNAVAILABLE, {"error": "outage"})
            case "decline" if not charge.effects:
                reason = {"reason": "declined: card expired"}
                self._answer(HTTPStatus.PAYMENT_REQUIRED, reason)
            case "garbage":
                self.server.ledger.move_money(charge.idempotency_key)
                self._write(HTTPStatus.OK, b"<html>it works!</html>")
            case _:
                self.server.ledger.move_money(charge.idempotency_key)
                self._answer(HTTPStatus.OK, {"reference": charge.reference})

    def _hang(self) -> None:
        """Wait until the client, or the gateway's stop, closes the connection."""
        self.rfile.read(1)
        self.close_connection = True

    def _reset(self) -> None:
        """Close so that the client sees a reset, not an end."""
        at_once = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        self.connection.close()
        self.close_connection = True

    def _body(self, path: str) -> dict[str, object] | None:
        """Return the body of a request to ``path``; answer 404 to another one.

        The body is read in any case: what is left of it would begin the next request.
        """
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if urlsplit(self.path).path != path:
            self._answer(HTTPStatus.NOT_FOUND, {"error": "no such path"})
            return None
        try:
            parsed: object = json.loads(body)
        except ValueError:
            return {}
        return parsed if isinstance(parsed, dict) else {}

    def _answer(self, status: HTTPStatus, body: object) -> None:
        self._write(status, json.dumps(body).encode())

    def _write(self, status: HTTPStatus, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


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
        prog="python -m service.payment_gateway",
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
