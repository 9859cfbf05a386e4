"""A server on loopback that gives everybody the same answer."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

from service.loopback import serving, url_of


@contextmanager
def answering(body: bytes | Callable[[], tuple[int, bytes]]) -> Iterator[str]:
    """Yield its URL; ``body``, or what returns a status and a body when it is asked."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, answer = body() if callable(body) else (200, body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
            pass

    with serving(HTTPServer(("127.0.0.1", 0), Answer)) as server:
        yield url_of(server)
