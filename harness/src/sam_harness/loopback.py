"""Servers on loopback that stand in for what a stack calls, or that a test talks to."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import HTTPServer
from socketserver import TCPServer
from threading import Thread


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
