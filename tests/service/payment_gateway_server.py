"""The HTTP side of the loopback payment gateway."""

from __future__ import annotations

import json
import socket
import struct
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, override
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from refund_stack.payment_gateway import GatewayServer
    from refund_stack.payment_gateway_ledger import Charge
    from refund_stack.payment_gateway_rules import Rule


class GatewayRequestHandler(BaseHTTPRequestHandler):
    """Answers one connection's requests as the rules say."""

    protocol_version = "HTTP/1.1"
    # Header and body are two writes: together with delayed ACKs that costs 40 ms.
    disable_nagle_algorithm = True
    server: GatewayServer

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the ledger knows what happened."""

    def do_POST(self) -> None:
        """Charge: POST /refunds."""
        body = self._body()
        if self._path() != "/refunds":
            self._answer(HTTPStatus.NOT_FOUND, {"error": "no such path"})
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
        body = self._body()
        if self._path() != "/control/mode":
            self._answer(HTTPStatus.NOT_FOUND, {"error": "no such path"})
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
        self._body()
        if self._path() != "/control/mode":
            self._answer(HTTPStatus.NOT_FOUND, {"error": "no such path"})
            return
        query = parse_qs(urlsplit(self.path).query)
        self.server.rules.remove(query.get("orderIdPrefix", [None])[0])
        self._answer(HTTPStatus.OK, {})

    def do_GET(self) -> None:
        """Show every charge: GET /control/charges."""
        self._body()
        if self._path() != "/control/charges":
            self._answer(HTTPStatus.NOT_FOUND, {"error": "no such path"})
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

    def _path(self) -> str:
        return urlsplit(self.path).path

    def _body(self) -> dict[str, object]:
        """Read the body: also where none is wanted, or it begins the next request."""
        length = int(self.headers.get("Content-Length", "0"))
        try:
            parsed: object = json.loads(self.rfile.read(length))
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
