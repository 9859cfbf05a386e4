"""How functions reach a server on the test's own machine; the same in both modes."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from harness.tests.integration.emulator.functions import Functions
from sam_harness.emulator.emulator import Emulator

ASKS = """
    import urllib.request

    def handler(event, context):
        return urllib.request.urlopen(event, timeout=5).read().decode()
"""


class _Greets(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
        """Say nothing."""


@pytest.fixture
def port(emulator: Emulator) -> Iterator[int]:
    """Yield the port of a server that listens where the emulator says."""
    with HTTPServer((emulator.listen_address, 0), _Greets) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_functions_reach_a_server_on_this_machine(
    functions: Functions, emulator: Emulator, port: int
) -> None:
    """Under the name, and at the address, that the emulator gives."""
    function = functions.create(ASKS)

    assert function.invoke(f"http://{emulator.host_address}:{port}").payload == "hello"
