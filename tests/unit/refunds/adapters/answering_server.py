"""An HTTP server for the answers that no payment gateway should give."""

from __future__ import annotations

import json
from http.server import ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, override

from service.loopback import LoopbackHandler, url_of

if TYPE_CHECKING:
    from collections.abc import Mapping


class AnsweringServer(ThreadingHTTPServer):
    """Gives one answer to every request and remembers the last one."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = url_of(self)
        self.connections = 0
        self.method = ""
        self.path = ""
        self.headers: Mapping[str, str] = {}
        self.json: Any = None
        self.answers(200, b'{"status": "succeeded", "reference": "r-1"}')

    def answers(
        self, status: int, body: bytes, *, announced_bytes: int | None = None
    ) -> None:
        """Answer like this from now on; may announce more than there is."""
        self.status = status
        self.body = body
        self.announced_bytes = len(body) if announced_bytes is None else announced_bytes


class _Handler(LoopbackHandler):
    server: AnsweringServer

    @override
    def setup(self) -> None:
        self.server.connections += 1
        super().setup()

    def do_GET(self) -> None:
        self.server.json = None
        self._answer()

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.server.json = json.loads(self.rfile.read(length))
        self._answer()

    def _answer(self) -> None:
        server = self.server
        server.method = self.command
        server.path = self.path
        server.headers = dict(self.headers)
        self.send_response(server.status)
        if 300 <= server.status < 400:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", str(server.announced_bytes))
        self.end_headers()
        self.wfile.write(server.body)
        self.close_connection = server.announced_bytes != len(server.body)
