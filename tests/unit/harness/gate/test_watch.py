"""The pytest run ends when the gate has failed, and leaves a report behind."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

import harness
from harness.emulator import gate_client

pytest_plugins = ["pytester"]
TESTS = """
    def test_one():
        pass

    def test_two():
        pass
"""
CONFTEST = """
    from pathlib import Path

    from harness.pytest_gate import GateWatch

    def pytest_configure(config):
        watch = GateWatch({url!r}, Path("reports/decisions.jsonl"), {accounts!r})
        config.pluginmanager.register(watch)
"""


class LocalStack(ThreadingHTTPServer):
    """Answers as the gate does; ``gate`` is its state, ``lost`` what it forgot."""

    gate: str | None = "active"
    lost = 0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"

    def told(self, path: str) -> object:
        """Return the answer for a path."""
        if path.startswith(gate_client.HEALTH):
            return {"gate": self.gate}
        if "account=" in path:
            return {"lost": 0, "decisions": [{"account": path.rpartition("=")[2]}]}
        accounts = ("111122223333", gate_client.CANARY_ACCOUNT)
        return {"lost": self.lost, "decisions": [{"account": a} for a in accounts]}


class Handler(BaseHTTPRequestHandler):
    """Answers every GET in JSON."""

    def do_GET(self) -> None:
        """Answer."""
        assert isinstance(self.server, LocalStack)
        body = json.dumps(self.server.told(self.path)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def localstack() -> Iterator[LocalStack]:
    """Yield something that answers like LocalStack's two routes."""
    with LocalStack(("127.0.0.1", 0), Handler) as server:
        serving = Thread(target=lambda: server.serve_forever(poll_interval=0.02))
        serving.start()
        yield server
        server.shutdown()
        serving.join()


def run(
    pytester: pytest.Pytester,
    localstack: LocalStack,
    accounts: list[str] | None = None,
) -> pytest.RunResult:
    """Run two tests under the watch."""
    pytester.syspathinsert(Path(harness.__file__).parents[1])
    pytester.makeconftest(CONFTEST.format(url=localstack.url, accounts=accounts))
    pytester.makepyfile(TESTS)
    return pytester.runpytest_inprocess("--disable-plugin-autoload")


def test_a_run_leaves_the_decisions_behind(
    pytester: pytest.Pytester, localstack: LocalStack
) -> None:
    """One per line, without the canary's."""
    result = run(pytester, localstack)

    result.assert_outcomes(passed=2)
    assert result.ret == 0
    report = Path(pytester.path, "reports/decisions.jsonl")
    assert report.read_text() == '{"account": "111122223333"}\n'


def test_a_run_in_a_shared_localstack_reports_its_own_accounts(
    pytester: pytest.Pytester, localstack: LocalStack
) -> None:
    """And is not ended by what was lost of others."""
    localstack.lost = 3

    result = run(pytester, localstack, ["444455556666"])

    assert result.ret == 0
    report = Path(pytester.path, "reports/decisions.jsonl")
    assert report.read_text() == '{"account": "444455556666"}\n'


@pytest.mark.parametrize("state", ["failed: sqs:X: RuntimeError()", "off", None])
def test_a_gate_that_has_failed_ends_the_run_after_the_next_test(
    pytester: pytest.Pytester, localstack: LocalStack, state: str | None
) -> None:
    """Although every test has passed."""
    localstack.gate = state

    result = run(pytester, localstack)

    assert result.ret == 1
    result.stdout.fnmatch_lines(["*the IAM gate is not active any more*"])
    assert "1 passed" in result.stdout.str()


def test_a_run_whose_decisions_are_lost_fails(
    pytester: pytest.Pytester, localstack: LocalStack
) -> None:
    """A report with holes would be taken for the whole."""
    localstack.lost = 3

    result = run(pytester, localstack)

    assert result.ret == 1
    result.stderr.fnmatch_lines(["*the IAM gate forgot 3 decisions*"])


def test_a_localstack_that_is_gone_ends_the_run(
    pytester: pytest.Pytester, localstack: LocalStack
) -> None:
    """Nobody knows then what the gate has done."""
    localstack.shutdown()  # else it asks its closed socket as fast as it can
    localstack.server_close()

    result = run(pytester, localstack)

    assert result.ret == 1
    result.stdout.fnmatch_lines(["*the IAM gate cannot be asked*"])
