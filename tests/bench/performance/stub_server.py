"""DynamoDB, SQS and a payment gateway over HTTP on loopback: quick, and right enough.

A process of its own, so that its work is no subject's CPU time. One port per latency,
and one with TLS; all share one state. Prints its ports as one line of JSON, ends when
its standard input does.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import re
import ssl
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, override

from botocore import xform_name

from sam_harness.iam.services.dynamodb.parser import parse
from sam_harness.localstack.corrections.dynamodb.partiql_plain import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

type Item = dict[str, Any]
type Answer = tuple[int, Item]

_KEYS = ("PK", "SK")
_TABLE = {
    "KeySchema": [
        {"AttributeName": name, "KeyType": kind}
        for name, kind in zip(_KEYS, ("HASH", "RANGE"), strict=True)
    ],
    "Indexes": [],
}
_ASSIGNMENT = re.compile(r"([#\w]+)\s*=\s*(:\w+)")
_FAILED = "The conditional request failed"


class State:
    """Answers requests; conditions are those that the subjects write, no others."""

    def __init__(self) -> None:
        self._items: dict[tuple[str, ...], Item] = {}
        self._messages: list[Item] = []
        self._charges: dict[str, Item] = {}
        self.requests = 0

    def answer(self, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Answer one request, as status and JSON object."""
        request = json.loads(body) if body else {}
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        self.requests += bool(operation)
        name = xform_name(operation) if operation else f"at_{path.strip('/')}"
        method: Callable[[Item], Answer] = getattr(self, f"_{name}")
        return method(request)

    def _at_seed(self, request: Item) -> Answer:
        for item in request["items"]:
            self._items[_key(item)] = item
        return 200, {}

    def _at_state(self, request: Item) -> Answer:
        """Return what is there, and forget it."""
        del request
        state = {
            "items": list(self._items.values()),
            "messages": self._messages,
            "charges": self._charges,
            "requests": self.requests,
        }
        self.__init__()  # type: ignore[misc] # as new
        return 200, state

    def _at_refunds(self, request: Item) -> Answer:
        """Charge; the payment gateway's own answer."""
        self._charges[request["refundId"]] = request
        reference = f"charge-{request['refundId']}"
        return 200, {"status": "succeeded", "reference": reference}

    def _put_item(self, request: Item) -> Answer:
        stored = self._items.get(_key(request["Item"]))
        if stored is not None and "ConditionExpression" in request:
            return _condition_failed(request, stored)
        self._items[_key(request["Item"])] = request["Item"]
        return 200, {}

    def _get_item(self, request: Item) -> Answer:
        item = self._items.get(_key(request["Key"]))
        return 200, {"Item": item} if item else {}

    def _batch_get_item(self, request: Item) -> Answer:
        found = {}
        for table, wanted in request["RequestItems"].items():
            items = (self._items.get(_key(key)) for key in wanted["Keys"])
            found[table] = [item for item in items if item]
        return 200, {"Responses": found, "UnprocessedKeys": {}}

    def _query(self, request: Item) -> Answer:
        (order,) = request["ExpressionAttributeValues"].values()
        items = [item for item in self._items.values() if item.get("GSI1PK") == order]
        return 200, {"Items": items, "Count": len(items), "ScannedCount": len(items)}

    def _update_item(self, request: Item) -> Answer:
        stored = self._items.get(_key(request["Key"]))
        names = request.get("ExpressionAttributeNames", {})
        values = request["ExpressionAttributeValues"]

        def pairs(expression: str) -> Item:
            return {
                names.get(name, name): values[value]
                for name, value in _ASSIGNMENT.findall(expression)
            }

        asked = pairs(request["ConditionExpression"])
        if stored is None or any(stored.get(name) != asked[name] for name in asked):
            return _condition_failed(request, stored)
        stored |= pairs(request["UpdateExpression"])
        _, _, removed = request["UpdateExpression"].partition(" REMOVE ")
        for name in removed.replace(",", " ").split():
            stored.pop(names.get(name, name), None)
        return 200, {}

    def _batch_execute_statement(self, request: Item) -> Answer:
        return 200, {"Responses": [self._execute(one) for one in request["Statements"]]}

    def _execute(self, request: Item) -> Item:
        statement = parse(request["Statement"], request["Parameters"])
        _, update = plain(statement, _TABLE)
        status, answer = self._update_item(update | request)
        if status == 200:
            return {"TableName": statement.table}
        error = {"Code": "ConditionalCheckFailed", "Message": _FAILED}
        item = {"Item": answer["Item"]} if "Item" in answer else {}
        return {"Error": error | item, "TableName": statement.table}

    def _send_message(self, request: Item) -> Answer:
        self._messages.append(request)
        digest = hashlib.md5(request["MessageBody"].encode()).hexdigest()  # noqa: S324 - SQS's own
        return 200, {"MessageId": "stub", "MD5OfMessageBody": digest}


def _key(item: Item) -> tuple[str, ...]:
    return tuple(item[name]["S"] for name in _KEYS)


def _condition_failed(request: Item, stored: Item | None) -> Answer:
    kind = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"
    answer: Item = {"__type": kind, "message": _FAILED}
    if request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" and stored:
        answer["Item"] = stored
    return 400, answer


_REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found"}


@dataclass
class _Connection(asyncio.Protocol):
    """HTTP/1.1 with keep-alive: one request after the other."""

    state: State
    latency_s: float
    buffer: bytearray = field(default_factory=bytearray)

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    @override
    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head_end = self.buffer.find(b"\r\n\r\n")
        if head_end < 0:
            return
        first, *lines = bytes(self.buffer[:head_end]).decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        end = head_end + 4 + int(headers.get("content-length", "0"))
        if len(self.buffer) < end:
            return
        body = bytes(self.buffer[head_end + 4 : end])
        del self.buffer[:end]
        status, answer = self.state.answer(first.split(" ")[1], headers, body)
        asyncio.get_running_loop().call_later(
            self.latency_s, self._write, status, json.dumps(answer).encode()
        )

    def _write(self, status: int, body: bytes) -> None:
        assert isinstance(self.transport, asyncio.WriteTransport)
        if self.transport.is_closing():
            return
        self.transport.write(
            f"HTTP/1.1 {status} {_REASONS[status]}\r\n"
            "Content-Type: application/x-amz-json-1.0\r\n"
            f"x-amzn-RequestId: stub\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
        )


async def _serve(latencies_ms: list[int], certificate: Path) -> None:
    state = State()
    loop = asyncio.get_running_loop()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)

    async def listen(latency_ms: int, context: ssl.SSLContext | None = None) -> int:
        server = await loop.create_server(
            lambda: _Connection(state, latency_ms / 1000), "127.0.0.1", 0, ssl=context
        )
        port: int = server.sockets[0].getsockname()[1]
        return port

    plain = {latency_ms: await listen(latency_ms) for latency_ms in latencies_ms}
    print(json.dumps({"plain": plain, "tls": await listen(0, tls)}), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    _parser = argparse.ArgumentParser(description=__doc__)
    _parser.add_argument("--certificate", required=True, help="certificate and key")
    _parser.add_argument("latencies_ms", nargs="+", type=int)
    _arguments = _parser.parse_args()
    asyncio.run(_serve(_arguments.latencies_ms, _arguments.certificate))
