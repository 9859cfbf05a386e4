"""What is taken for a LocalStack with our plugin in it, and what is not."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from harness.tests.unit.answering import answering
from sam_harness.emulator.ready import EXPECTED, attach, wait_until_ready
from sam_harness.errors import HarnessError
from service.loopback import serving, url_of


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
def test_one_piece_of_the_plugin_that_is_not_in_use_is_enough_to_refuse_a_localstack(
    localstack: Callable[..., str], log: Path, piece: str, instead: str | None
) -> None:
    """LocalStack's default would take its place without a word."""
    url = localstack(**{piece: instead})

    with pytest.raises(HarnessError, match="runs without our plugin") as refused:
        wait_until_ready(url, log, timeout_s=5, has_ended=lambda: False)

    assert f"'{piece}': {instead!r}" in str(refused.value).partition(", not ")[0]


def test_a_localstack_that_ends_before_it_answers_is_not_waited_for(log: Path) -> None:
    """It will not answer any more."""
    with pytest.raises(HarnessError, match="ended while it was starting"):
        wait_until_ready("http://127.0.0.1:1", log, timeout_s=5, has_ended=lambda: True)


def test_what_hears_itself_goes_on_waiting_for_localstack(log: Path) -> None:
    """On a free port a connection may be one with itself."""

    class Echo(BaseHTTPRequestHandler):
        def handle(self) -> None:
            self.wfile.write(self.rfile.readline())

    with serving(HTTPServer(("127.0.0.1", 0), Echo)) as server:
        url = url_of(server)
        with pytest.raises(HarnessError, match="ended while it was starting"):
            wait_until_ready(url, log, timeout_s=5, has_ended=lambda: True)


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"null"], ids=str)
def test_what_is_no_localstack_at_all_is_not_attached_to(body: bytes) -> None:
    """Any web server may listen where a LocalStack was expected."""
    with (
        answering(body) as url,
        pytest.raises(HarnessError, match=f"cannot attach to {url}: .*LocalStack"),
    ):
        attach(url, foreign=False)


@pytest.mark.parametrize("foreign", [False, True])
def test_a_url_whose_port_is_no_number_is_not_attached_to(*, foreign: bool) -> None:
    """A slip of the user's is told in a sentence."""
    with pytest.raises(
        HarnessError, match=r"cannot attach to http://127\.0\.0\.1:port"
    ):
        attach("http://127.0.0.1:port", foreign=foreign)
