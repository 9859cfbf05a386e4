"""The payment gateway double's HTTP: orders, look-ups, and its controls.

It keeps docs/gateway-contract.md, and is as bad as the worst real provider: POST
/refunds takes an order and pays, once per Idempotency-Key for as long as it remembers
the key, GET /refunds/{refundId} says what became of it. The same port has the controls
(modes: see Mode):

    PUT    /control/mode         {"mode": …, "delayS"?: …, "times"?: …,
                                  "orderIdPrefix"?: …}
    DELETE /control/mode         forgets all rules, or with ?orderIdPrefix=… that one
    DELETE /control/keys         forgets all keys, or with ?orderIdPrefix=… some
    PUT    /control/keys         {"lifetimeS": …} forgets keys after this time
    PUT    /control/credentials  {"authorization": …} is demanded from now on
    GET    /control/charges      [{"refundId", "orderId", "amount", "attempts",
                                   "lookUps", "effects"}]
"""

from __future__ import annotations

import contextlib
import json
import socket
import sys
from http import HTTPStatus
from http.server import ThreadingHTTPServer
from typing import TYPE_CHECKING, override
from urllib.parse import parse_qs, urlsplit

from service.loopback import LoopbackHandler
from service.payment_gateway_rules import Ledger, Rules, answer_of

if TYPE_CHECKING:
    from service.payment_gateway_rules import Charge, Rule


# As socketserver has it; here it is a connection.
type _Request = socket.socket | tuple[bytes, socket.socket]

_CONTROLS = ("/control/mode", "/control/keys", "/control/credentials")


class GatewayRequestHandler(LoopbackHandler):
    """Answers one connection's requests as the rules say."""

    server: GatewayServer

    def do_POST(self) -> None:
        """Take an order: POST /refunds."""
        if (body := self._body("/refunds")) is None or not self._is_authorized():
            return
        key = self.headers.get("Idempotency-Key", "")
        order_id, amount = body.get("orderId"), body.get("amount")
        if not key or not isinstance(order_id, str) or not isinstance(amount, str):
            problem = "Idempotency-Key, orderId and amount (text) are needed"
            self._answer(HTTPStatus.BAD_REQUEST, {"error": problem})
            return
        try:
            charge = self.server.ledger.attempt(key, body)
        except ValueError as error:
            self._answer(HTTPStatus.BAD_REQUEST, {"error": str(error)})
            return
        self._behave(charge, self.server.rules.wait_for_rule(order_id))

    def do_PUT(self) -> None:
        """Change how the gateway behaves: PUT /control/…."""
        ledger, path = self.server.ledger, urlsplit(self.path).path
        if (body := self._body(*_CONTROLS)) is None:
            return
        try:
            match path:
                case "/control/keys":
                    ledger.key_lifetime_s = float(str(body.get("lifetimeS")))
                case "/control/credentials":
                    ledger.authorization = str(body["authorization"])
                case _:
                    self.server.rules.put(
                        str(body.get("mode")),
                        float(str(body.get("delayS", 0))),
                        str(body.get("orderIdPrefix", "")),
                        int(str(body.get("times", 0))),
                    )
        except (KeyError, ValueError) as error:
            self._answer(HTTPStatus.BAD_REQUEST, {"error": str(error)})
        else:
            self._answer(HTTPStatus.OK, body)

    def do_DELETE(self) -> None:
        """Forget rules, keys or credentials: DELETE /control/…[?orderIdPrefix=…]."""
        if self._body(*_CONTROLS) is None:
            return
        url = urlsplit(self.path)
        prefix = parse_qs(url.query).get("orderIdPrefix", [None])[0]
        match url.path:
            case "/control/keys":
                self.server.ledger.forget_keys(prefix or "")
            case "/control/credentials":
                self.server.ledger.authorization = None
            case _:
                self.server.rules.remove(prefix)
        self._answer(HTTPStatus.OK, {})

    def do_GET(self) -> None:
        """Look a refund up, or show every charge: GET /control/charges."""
        path = urlsplit(self.path).path
        if path.startswith("/refunds/"):
            self._body(path)
            if self._is_authorized():
                self._look_up(path.removeprefix("/refunds/"))
        elif self._body("/control/charges") is not None:
            charges = [charge.to_json() for charge in self.server.ledger.charges()]
            self._answer(HTTPStatus.OK, charges)

    def _look_up(self, refund_id: str) -> None:
        charge = self.server.ledger.look_up(refund_id)
        # Whose order it is, is not known of what was never seen: the rule for all.
        rule = self.server.rules.wait_for_rule(charge.order_id if charge else "")
        if self._breaks(rule):
            return
        if charge is None:
            self._answer(HTTPStatus.NOT_FOUND, {"error": "never seen"})
        elif rule.mode == "garbage":
            self._write(HTTPStatus.OK, b"<html>it works!</html>")
        elif not charge.orders:
            self._answer(HTTPStatus.NOT_FOUND, {"error": "never taken"})
        else:
            self._tell(charge, rule, HTTPStatus.OK)

    def _behave(self, charge: Charge, rule: Rule) -> None:
        ledger, refund_id = self.server.ledger, charge.refund_id
        if self._breaks(rule):
            return
        if saved := ledger.saved(refund_id):
            self._answer(saved, {"error": "as I said before"})
            return
        match rule.mode:
            case "hang_after_charge":
                ledger.take_order(refund_id, settle=True)
                self._hang()
            case "decline" if not charge.settled:
                reason = {"status": "declined", "reason": "declined: card expired"}
                self._answer(HTTPStatus.PAYMENT_REQUIRED, reason)
            case "empty":
                self._write(HTTPStatus.OK, b"")
            case "garbage":
                ledger.take_order(refund_id, settle=True)
                self._write(HTTPStatus.OK, b"<html>it works!</html>")
            case "save_500":
                ledger.take_order(refund_id, settle=True)
                ledger.save(refund_id, HTTPStatus.INTERNAL_SERVER_ERROR)
                self._answer(HTTPStatus.INTERNAL_SERVER_ERROR, {"error": "saved"})
            case _:
                ledger.take_order(refund_id, settle=rule.mode != "pending")
                self._tell(charge, rule, HTTPStatus.ACCEPTED)

    def _breaks(self, rule: Rule) -> bool:
        """Do what an outage does to every request; tell whether it is one."""
        match rule.mode:
            case "hang":
                self._hang()
            case "reset":
                self.reset()
            case "fail":
                self._answer(HTTPStatus.SERVICE_UNAVAILABLE, {"error": "outage"})
            case _:
                return False
        return True

    def _tell(self, charge: Charge, rule: Rule, pending: HTTPStatus) -> None:
        """Say what became of a taken order."""
        ledger = self.server.ledger
        if rule.mode == "pending" and ledger.is_pending(charge.refund_id, rule.times):
            self._answer(pending, answer_of(charge, pending=True))
        else:
            ledger.settle(charge.refund_id)
            self._answer(HTTPStatus.OK, answer_of(charge))

    def _is_authorized(self) -> bool:
        demanded = self.server.ledger.authorization
        if demanded is None or self.headers.get("Authorization") == demanded:
            return True
        self._answer(HTTPStatus.UNAUTHORIZED, {"error": "who are you?"})
        return False

    def _hang(self) -> None:
        """Wait until the client, or the gateway's stop, closes the connection."""
        self.rfile.read(1)
        self.close_connection = True

    def _body(self, *paths: str) -> dict[str, object] | None:
        """Return the body of a request to one of ``paths``; answer 404 to another one.

        The body is read in any case: what is left of it would begin the next request.
        """
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if urlsplit(self.path).path not in paths:
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
    def get_request(self) -> tuple[socket.socket, object]:
        connection, address = super().get_request()
        self._connections.add(connection)
        return connection, address

    @override
    def shutdown_request(self, request: _Request) -> None:
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
    def handle_error(self, request: _Request, client_address: object) -> None:
        """Ignore clients that went away: that is what timeouts look like."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)
