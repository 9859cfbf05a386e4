"""AWS on loopback, in front of moto: its answers get lost, cut, late or garbled."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import suppress
from http.server import ThreadingHTTPServer
from threading import Event
from typing import TYPE_CHECKING, Literal

from botocore import xform_name
from botocore.exceptions import ClientError

from refunds.adapters.aws import secrets_client
from service.loopback import LoopbackHandler, url_of

if TYPE_CHECKING:
    from unit.refunds.cloud import Cloud

type Fault = Literal[
    "reset before",
    "reset after",
    "hang before",
    "hang after",
    "cut",
    "trickling body",
    "trickling head",
    "not JSON",
    "not UTF-8",
    "list",
    "null",
    "empty",
    "of another operation",
    "wrong types",
    "throttled",
    "500 that is not UTF-8",
    "500 that is a list",
    "503 of a proxy",
    "empty object",
]

# Answers that are given instead of the real one.
_INSTEAD: dict[Fault, tuple[int, bytes]] = {
    "not JSON": (200, b"<html>it works!</html>"),
    "not UTF-8": (200, b'{"Item": "\xff"}'),
    "list": (200, b"[]"),
    "null": (200, b"null"),
    "empty": (200, b""),
    "of another operation": (200, b'{"TableNames": []}'),
    "wrong types": (
        200,
        b'{"Item": {"PK": 1}, "Items": [null], "Responses": {"refund-table": [[]]}}',
    ),
    "throttled": (400, b'{"__type": "x#ThrottlingException", "message": "slowly"}'),
    "500 that is not UTF-8": (500, b"\xff\xff"),
    "500 that is a list": (500, b"[]"),
    "503 of a proxy": (503, b"<html>no upstream</html>"),
    "empty object": (200, b"{}"),
}
# A PutItem and the GetItem of what is not there are answered with an empty object.
FAULTS: tuple[Fault, ...] = (
    "reset before",
    "reset after",
    "hang before",
    "hang after",
    "cut",
    "trickling body",
    "trickling head",
    *(fault for fault in _INSTEAD if fault != "empty object"),
)
# What a function has to give up by itself takes the time that it has: tried with one
# operation of each function. `tox -e faults` tries all with all.
OTHERS = tuple(
    fault
    for fault in FAULTS
    if fault not in {"hang before", "hang after", "trickling head", "throttled"}
)


class FaultyAws(ThreadingHTTPServer):
    """Performs each operation in moto, unless it is to meet a fault, every time."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = url_of(self)
        self.heal()

    def heal(self) -> None:
        """Answer as AWS does, from now on; what hangs goes on hanging."""
        self.faults: dict[str, Fault] = {}
        self.calls: Counter[str] = Counter()
        self.released = Event()

    def fails(self, operation: str, fault: Fault) -> None:
        """Let every call of the operation meet the fault, from now on."""
        self.faults[operation] = fault

    def serves(self, cloud: Cloud) -> None:
        """Perform in these clients' moto what is asked for."""
        self.clients = {
            "DynamoDB_20120810": cloud.dynamodb,
            "AmazonSQS": cloud.sqs,
            "secretsmanager": secrets_client(),
        }


class _Handler(LoopbackHandler):
    server: FaultyAws

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        target, _, operation = self.headers["X-Amz-Target"].rpartition(".")
        released = self.server.released
        self.server.calls[operation] += 1
        fault = self.server.faults.get(operation)
        if fault == "reset before":
            self.reset()
        elif fault == "hang before":
            released.wait()
            self.close_connection = True
        elif fault in _INSTEAD:
            self._answer(*_INSTEAD[fault])
        else:
            status, answer = self._performed(target, operation, body)
            with suppress(OSError):
                self._answer_badly(fault, status, answer, released)

    def _performed(self, target: str, operation: str, body: bytes) -> tuple[int, bytes]:
        call = getattr(self.server.clients[target], xform_name(operation))
        try:
            answer = call(**json.loads(body))
            status = 200
        except ClientError as error:
            answer, status = dict(error.response), 400
            answer["__type"] = answer.pop("Error")["Code"]
        del answer["ResponseMetadata"]
        return status, json.dumps(answer, default=str).encode()

    def _answer_badly(
        self, fault: Fault | None, status: int, answer: bytes, released: Event
    ) -> None:
        match fault:
            case "reset after":
                self.reset()
            case "hang after":
                released.wait()
                self._answer(status, answer)
            case "cut":
                self._answer(status, answer[:-1], announced_bytes=len(answer))
                self.close_connection = True
            case "trickling head":
                self._trickle(b"HTTP/1.1 200 OK\r\nX-Filler: " + b"x" * 300, released)
            case "trickling body":
                self._answer(status, b"", announced_bytes=300)
                self._trickle(b" " * 300, released)
            case _:
                self._answer(status, answer)

    def _answer(
        self, status: int, body: bytes, *, announced_bytes: int | None = None
    ) -> None:
        self.send_response(status)
        announced = len(body) if announced_bytes is None else announced_bytes
        self.send_header("Content-Length", str(announced))
        self.end_headers()
        self.wfile.write(body)

    def _trickle(self, answer: bytes, released: Event) -> None:
        """Send a byte at a time, each soon enough for any timeout of a read."""
        for byte in answer:
            if released.wait(0.02):
                break
            self.wfile.write(bytes([byte]))
        self.close_connection = True
