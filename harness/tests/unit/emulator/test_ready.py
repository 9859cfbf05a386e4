"""What is taken for a LocalStack with our plugin in it, and what is not."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from sam_harness.emulator.ready import EXPECTED, wait_until_ready
from sam_harness.errors import HarnessError
from sam_harness.loopback import serving, url_of


@contextmanager
def answering(body: bytes) -> Iterator[str]:
    """Yield the URL of a server that gives everybody this answer."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
            pass

    with serving(HTTPServer(("127.0.0.1", 0), Answer)) as server:
        yield url_of(server)


@pytest.fixture
def localstack() -> Iterator[Callable[..., str]]:
    """Yield a maker of servers whose health differs from a good one's."""
    with ExitStack() as stack:
        yield lambda **changed: stack.enter_context(
            answering(json.dumps({"pid": 1, **EXPECTED, **changed}).encode())
        )


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Return what LocalStack has logged."""
    path = tmp_path / "localstack.log"
    path.write_text("some line")
    return path


@pytest.mark.parametrize(
    ("piece", "instead"),
    [
        ("dynamodb", None),
        ("s3", None),
        ("executor", None),
        ("executor", "docker"),
        ("gate", "off"),
        ("gate", "failed: of something"),
    ],
)
def test_one_piece_that_is_not_in_use_is_enough_to_refuse_it(
    localstack: Callable[..., str], log: Path, piece: str, instead: str | None
) -> None:
    """LocalStack's default would take its place without a word."""
    url = localstack(**{piece: instead})

    with pytest.raises(HarnessError, match="runs without our plugin") as refused:
        wait_until_ready(url, log, timeout_s=5, has_ended=lambda: False)

    assert f"'{piece}': {instead!r}" in str(refused.value).partition(", not ")[0]


def test_one_that_ends_before_it_answers_is_not_waited_for(log: Path) -> None:
    """It will not answer any more."""
    with pytest.raises(HarnessError, match="ended while it was starting"):
        wait_until_ready("http://127.0.0.1:1", log, timeout_s=5, has_ended=lambda: True)
