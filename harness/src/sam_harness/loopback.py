"""Servers on loopback."""

import socket
from contextlib import suppress
from socketserver import TCPServer


def stop(server: TCPServer) -> None:
    """End ``serve_forever``, and wait until it has ended."""
    # Wakes it, as it looks only twice a second whether it is to end. Not every system
    # lets a socket that listens be shut down: there it takes that long.
    with suppress(OSError):
        server.socket.shutdown(socket.SHUT_RDWR)
    server.shutdown()
