"""Servers on loopback that stand in for what a stack calls, or that a test talks to."""

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import TCPServer
from threading import Thread
from typing import override


class LoopbackHandler(BaseHTTPRequestHandler):
    """Keeps connections open, answers without delay and logs nothing."""

    protocol_version = "HTTP/1.1"
    # Head and body are two writes: together with delayed ACKs that costs 40 ms.
    disable_nagle_algorithm = True

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: what was asked for is known to the server."""

    def reset(self) -> None:
        """Close so that the client sees a reset, not an end."""
        at_once = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        self.connection.close()
        self.close_connection = True


@contextmanager
def serving[Server: HTTPServer](server: Server) -> Iterator[Server]:
    """Let a server answer until the block ends."""
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        stop(server)
        thread.join()
        server.server_close()


def url_of(server: HTTPServer) -> str:
    """Return where a server on loopback listens."""
    return f"http://127.0.0.1:{server.server_port}"


def stop(server: TCPServer) -> None:
    """End ``serve_forever``, and wait until it has ended."""
    # Wakes it, as it looks only twice a second whether it is to end. Not every system
    # lets a socket that listens be shut down: there it takes that long.
    with suppress(OSError):
        server.socket.shutdown(socket.SHUT_RDWR)
    server.shutdown()
