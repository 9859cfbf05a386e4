"""DynamoDB, SQS and a payment gateway over HTTP on loopback: quick, and right enough.

A process of its own, so that its work is nobody's CPU time. One port per latency, and
one with TLS; all share one state. Prints its ports as one line of JSON, ends when its
standard input does.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import ssl
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, override

from bench.performance.stub_state import State

if TYPE_CHECKING:
    from pathlib import Path

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
