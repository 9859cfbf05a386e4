"""Servers that live as long as a test."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import HTTPServer
from threading import Thread

from sam_harness import loopback


@contextmanager
def serving[Server: HTTPServer](server: Server) -> Iterator[Server]:
    """Let a server answer meanwhile."""
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        loopback.stop(server)
        thread.join()
        server.server_close()


def url_of(server: HTTPServer) -> str:
    """Return where a server on loopback listens."""
    return f"http://127.0.0.1:{server.server_port}"
