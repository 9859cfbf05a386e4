"""When a run of pytest has an emulator, and which it refuses."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from harness.tests.unit import pytest_runs
from sam_harness.pytest_plugin import run_emulator
from service.loopback import serving, url_of

pytest_plugins = ["pytester"]
PLUGIN = ("-p", "sam_harness.pytest_plugin.plugin")
XDIST = ("-p", "xdist", "-n", "2")
WITHOUT_GATE = {"pid": 1, "executor": "process", "dynamodb": "moto", "s3": "own",
                "gate": "off"}  # fmt: skip
NOT_THERE = b"<ErrorResponse><Error><Code>NotHere</Code></Error></ErrorResponse>"
USES_THE_EMULATOR = """
    def test_that_uses_the_emulator(emulator):
        pass
"""
USES_NO_EMULATOR = """
    import sys

    def test_that_nothing_heavy_is_imported():
        assert not {"boto3", "botocore", "docker", "cfnlint"} & set(sys.modules)
"""
NEEDS_THE_GATE = """
    import pytest

    def test_that_any_emulator_passes(emulator, account_id):
        assert emulator.has_gate is False
        assert len(account_id) == 12

    def test_that_reads_decisions(gate_decisions):
        pass

    @pytest.mark.needs_gate(reason="denials are real")
    def test_that_is_marked(emulator):
        pass

    @pytest.mark.emulator_mode("container", reason="about the fence")
    @pytest.mark.parametrize("number", range(2))
    def test_of_containers(emulator, number):
        pass
"""


class WithoutGate(BaseHTTPRequestHandler):
    """Answers as a LocalStack with our plugin whose gate is off."""

    def do_GET(self) -> None:
        """Answer as the route of health does."""
        self._answer(HTTPStatus.OK, json.dumps(WITHOUT_GATE).encode())

    def do_POST(self) -> None:
        """Answer as a LocalStack does that has not the service."""
        self._answer(HTTPStatus.NOT_IMPLEMENTED, NOT_THERE)

    def _answer(self, status: HTTPStatus, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    """Yield where a LocalStack without a gate answers."""
    with serving(HTTPServer(("127.0.0.1", 0), WithoutGate)) as server:
        yield url_of(server)


def said_by(result: pytest.RunResult) -> str:
    """Return all that a run has printed: where depends on how far it came."""
    return f"{result.stdout}\n{result.stderr}"


def test_a_run_without_a_test_that_uses_the_emulator_starts_none(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever EMULATOR says; the plugin is loaded and imports hardly anything."""
    monkeypatch.setenv("EMULATOR", "http://127.0.0.1:1")
    pytester.makepyfile(USES_NO_EMULATOR)

    result = pytester.runpytest_subprocess(*pytest_runs.CHEAP, *PLUGIN)

    result.assert_outcomes(passed=1)
    result.stderr.no_fnmatch_line("*harness:*")


@pytest.mark.parametrize("from_environment", [False, True], ids=["option", "variable"])
def test_a_url_where_nothing_answers_ends_the_run(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    from_environment: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """In one sentence, before a test has run."""
    pytester.makepyfile(USES_THE_EMULATOR)
    options = ["--emulator", "http://127.0.0.1:1"]
    if from_environment:
        monkeypatch.setenv(options.pop(0).strip("-").upper(), options.pop())

    result = pytest_runs.run(pytester, *PLUGIN, *options)

    assert " passed" not in said_by(result)
    assert result.ret == 1
    assert (
        "no LocalStack, no tests: cannot attach to http://127.0.0.1:1: no LocalStack "
        "answers (<urlopen error [Errno 111] Connection refused>): attach to one"
    ) in said_by(result)


def test_a_localstack_without_an_active_gate_is_refused(
    pytester: pytest.Pytester, url: str
) -> None:
    """The sentence says what to do."""
    pytester.makepyfile(USES_THE_EMULATOR)

    result = pytest_runs.run(pytester, *PLUGIN, "--emulator", url)

    assert " passed" not in said_by(result)
    assert result.ret == 1
    told = f"cannot attach to {url}: LocalStack runs without our plugin: "
    assert told in said_by(result)
    assert "or say --foreign-emulator to run" in said_by(result)


@pytest.mark.parametrize("workers", [(), XDIST], ids=["alone", "workers"])
def test_what_a_foreign_emulator_cannot_show_is_listed(
    pytester: pytest.Pytester, url: str, workers: tuple[str, ...]
) -> None:
    """Each reason with the number of tests that are deselected for it."""
    pytester.makepyfile(NEEDS_THE_GATE)
    options = ("--emulator", url, "--foreign-emulator")

    result = pytest_runs.run(pytester, *PLUGIN, *workers, *options)

    assert result.ret == 0
    assert result.parseoutcomes()["passed"] == 1
    result.stdout.fnmatch_lines(
        ["* not provable here *",
         "only with an IAM gate: denials are real (1 tests deselected)",
         "only with an IAM gate: it tells what was decided (1 tests deselected)",
         "only with emulator mode container: about the fence (2 tests deselected)",
         "what LocalStack logs during a failing test: its log is unknown"]
    )  # fmt: skip


def test_workers_do_not_each_start_an_emulator(pytester: pytest.Pytester) -> None:
    """The controller cannot know that a test wants one: the run has to say so."""
    pytester.makepyfile(USES_THE_EMULATOR)

    result = pytest_runs.run(pytester, *PLUGIN, *XDIST)

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*say --emulator auto, or one of its other kinds*"])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--emulator", "embeded"], "*'embeded' is not one of auto, container,*"),
        (["--emulator", "auto", "--foreign-emulator"],
         "*--foreign-emulator needs --emulator http://HOST:PORT*"),
    ],
)  # fmt: skip
def test_options_that_make_no_sense_are_refused(
    pytester: pytest.Pytester, options: list[str], said: str
) -> None:
    """With pytest's exit status for a wrong call."""
    pytester.makepyfile(USES_THE_EMULATOR)

    result = pytest_runs.run(pytester, *PLUGIN, *options)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([said])


def test_a_variable_that_makes_no_sense_is_refused_where_it_is_needed(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Like the option."""
    monkeypatch.setenv("EMULATOR", "embeded")
    pytester.makepyfile(USES_THE_EMULATOR)

    result = pytest_runs.run(pytester, *PLUGIN)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*EMULATOR=embeded: it is one of auto*"])


def test_each_attached_run_has_accounts_of_its_own(url: str) -> None:
    """Several may share an emulator, one after the other or at the same time."""
    runs = [run_emulator.begin(ExitStack(), url, foreign=True) for _ in range(2)]

    accounts = {run.account(worker) for run in runs for worker in range(3)}

    assert len(accounts) == 6
    assert all(len(account) == 12 and account.isdecimal() for account in accounts)
    assert min(map(int, accounts)) >= 200_000_000_000  # below: those of started ones
