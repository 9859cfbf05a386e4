"""The pytest run ends when the gate has failed, and leaves a report behind."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import MappingProxyType

import pytest

from harness.tests.unit import pytest_runs
from sam_harness.emulator import gate_client
from sam_harness.pytest_plugin import watch
from sam_harness.pytest_plugin.watch import GateWatch
from service.loopback import serving, url_of

pytest_plugins = ["pytester"]
# A test's last report.
TORN_DOWN = pytest.TestReport(
    "t.py::t", ("t.py", 1, "t"), {}, "passed", None, "teardown"
)
TESTS = """
    def test_one():
        pass

    def test_two():
        pass
"""
CONFTEST = """
    from pathlib import Path

    from sam_harness.pytest_plugin.watch import GateWatch

    def pytest_configure(config):
        watching = GateWatch({url!r}, Path("reports/decisions.jsonl"), {accounts!r})
        config.pluginmanager.register(watching)
"""


class LocalStack(ThreadingHTTPServer):
    """Answers as the gate does; ``gate`` is its state, ``lost`` what it forgot.

    ``decided``: what else each decision says.
    """

    gate: str | None = "active"
    lost = 0
    decided: Mapping[str, str] = MappingProxyType({})

    def told(self, path: str) -> object:
        """Return the answer for a path."""
        if path.startswith(gate_client.HEALTH):
            return {"gate": self.gate}
        if "account=" in path:
            return {"lost": 0, "decisions": [{"account": path.rpartition("=")[2]}]}
        accounts = ("111122223333", gate_client.CANARY_ACCOUNT)
        decisions = [{"account": one, **self.decided} for one in accounts]
        return {"lost": self.lost, "decisions": decisions}


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
    with serving(LocalStack(("127.0.0.1", 0), Handler)) as server:
        yield server


def prepare(
    pytester: pytest.Pytester,
    localstack: LocalStack,
    accounts: list[str] | None = None,
) -> None:
    """Put two tests under the watch."""
    pytester.makeconftest(CONFTEST.format(url=url_of(localstack), accounts=accounts))
    pytester.makepyfile(TESTS)


@contextmanager
def ending(why: str) -> Iterator[None]:
    """Expect the end of the run, for this reason."""
    with pytest.raises(pytest.exit.Exception, match=why) as ended:
        yield
    assert ended.value.returncode == 1


def test_a_run_leaves_the_decisions_behind(
    pytester: pytest.Pytester, localstack: LocalStack
) -> None:
    """One per line, without the canary's."""
    prepare(pytester, localstack)
    result = pytest_runs.run(pytester)

    result.assert_outcomes(passed=2)
    assert result.ret == 0
    report = Path(pytester.path, "reports/decisions.jsonl")
    assert report.read_text() == '{"account": "111122223333"}\n'


def test_a_run_in_a_shared_localstack_reports_its_own_accounts(
    pytester: pytest.Pytester, localstack: LocalStack
) -> None:
    """And is not ended by what was lost of others."""
    localstack.lost = 3

    prepare(pytester, localstack, ["444455556666"])
    result = pytest_runs.run(pytester)

    assert result.ret == 0
    report = Path(pytester.path, "reports/decisions.jsonl")
    assert report.read_text() == '{"account": "444455556666"}\n'


def test_a_run_names_the_calls_about_which_deciding_failed(
    pytester: pytest.Pytester, localstack: LocalStack
) -> None:
    """They were refused; the others were decided, so the run goes on."""
    localstack.decided = {
        "call": "sts:AssumeRole",
        "role": "states.amazonaws.com",
        "decision": "failed",
        "reason": "'None' is neither an ARN nor *",
    }

    prepare(pytester, localstack)
    result = pytest_runs.run(pytester)

    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        [
            "*the IAM gate could not decide*",
            "sts:AssumeRole by states.amazonaws.com: 'None' is neither an ARN nor [*]",
        ]
    )


def test_a_gate_that_has_failed_ends_the_run_after_the_next_test(
    pytester: pytest.Pytester, localstack: LocalStack
) -> None:
    """Although every test has passed."""
    localstack.gate = "failed: sqs:X: RuntimeError()"

    prepare(pytester, localstack)
    # Printing where in pytest the run was ended would take 0.1 s.
    seen = pytest_runs.seen(pytester, "-pno:terminal")

    [passed] = seen.listoutcomes()[0]
    assert passed.nodeid.endswith("test_one")
    assert seen.ret == 1
    ended = seen.getcall("pytest_keyboard_interrupt").excinfo.value
    assert "the IAM gate is not active any more" in ended.msg


@pytest.mark.parametrize("state", ["failed: sqs:X: RuntimeError()", "off", None])
def test_every_state_but_active_ends_the_run(
    localstack: LocalStack, state: str | None
) -> None:
    """With a status that says that something failed."""
    localstack.gate = state

    with ending("the IAM gate is not active any more"):
        GateWatch(url_of(localstack), Path("none")).pytest_runtest_logreport(TORN_DOWN)


def test_a_run_whose_decisions_are_lost_fails(
    pytester: pytest.Pytester, localstack: LocalStack
) -> None:
    """A report with holes would be taken for the whole."""
    localstack.lost = 3

    prepare(pytester, localstack)
    result = pytest_runs.run(pytester)

    assert result.ret == 1
    result.stderr.fnmatch_lines(["*the IAM gate forgot 3 decisions*"])


def test_a_localstack_that_is_gone_ends_the_run() -> None:
    """What the gate has done is unknown then; port 1 refuses connections."""
    with ending("LocalStack cannot be asked"):
        GateWatch("http://127.0.0.1:1", Path("none")).pytest_runtest_logreport(
            TORN_DOWN
        )


def test_a_look_lasts_for_the_tests_that_follow_at_once(
    localstack: LocalStack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What happens meanwhile is seen at the end of the run at the latest."""
    monkeypatch.setattr(watch, "LOOK_EVERY_S", 3600)
    watching = GateWatch(url_of(localstack), tmp_path / "decisions.jsonl")
    watching.pytest_runtest_logreport(TORN_DOWN)
    localstack.gate = "off"

    watching.pytest_runtest_logreport(TORN_DOWN)

    with ending("the IAM gate is not active any more"):
        watching.pytest_sessionfinish()
