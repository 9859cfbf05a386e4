"""What a process of several puts away, and when; none outlives the first."""

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from harness.environments import ROOT
from harness.polling import wait_until
from unit.harness.forks.forked import EACH_IN_ONE, PLUGIN, WAIT, prepare, run, told
from unit.harness.pytest_runs import CHEAP

pytest_plugins = ["pytester"]
FIXTURES = """
    import signal

    def pytest_forks_begin(config):
        # Two that write to one terminal are hard to read.
        talks = config.pluginmanager.hasplugin("terminalreporter")
        tell("talks" if talks else "begins")

    @pytest.fixture(scope="session")
    def of_session(request):
        yield
        if not request.session.shouldfail:
            # As a terminal does to all processes, besides what the first one does.
            os.kill(os.getpid(), signal.SIGINT)
        tell("session")

    @pytest.fixture(scope="module")
    def of_module(of_session):
        yield
        tell("module")
"""
ENDS = ["module", "session"]
COMMAND = [sys.executable, "-m", "pytest", *CHEAP, "-p", PLUGIN, "--forks=2"]


def test_only_what_is_the_sessions_stays_between_tasks(
    pytester: pytest.Pytester,
) -> None:
    """No process takes a test from the others to know what its next one needs."""
    prepare(pytester, "pass", EACH_IN_ONE, FIXTURES, count=5, fixtures="of_module")

    result = run(pytester)

    result.assert_outcomes(passed=5)
    assert len(told(pytester)) == 2
    for lines in told(pytester).values():
        tests = [line for line in lines if line.startswith("test")]
        each = [line for test in tests for line in (test, "module")]
        assert lines == ["begins", *each, *["session"][: len(tests)]]


def test_who_is_interrupted_puts_away_what_it_has_begun(
    pytester: pytest.Pytester,
) -> None:
    """Also of the session: a kept LocalStack, say."""
    body = f"BOTH.wait(20); assert number; {WAIT}"
    prepare(pytester, body, EACH_IN_ONE, FIXTURES, count=2, fixtures="of_module")

    run(pytester, "-x")

    assert sorted(told(pytester).values()) == [
        ["begins", f"test {number}", *ENDS] for number in range(2)
    ]


@pytest.fixture
def first(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> Iterator[subprocess.Popen[bytes]]:
    """Yield a run in its only two tests, which wait."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "tests"))
    slow_end = f"""
        import threading

        from harness.forks import processes

        processes.END_TIMEOUT_S = 60

        @pytest.fixture(scope="session")
        def slow():
            yield
            tell("ends")
            {WAIT}
    """
    prepare(pytester, WAIT, EACH_IN_ONE, slow_end, count=2, fixtures="slow")
    with pytester.popen(COMMAND, stdin=subprocess.DEVNULL) as process:
        wait_until_told(pytester, 1)
        yield process


def wait_until_told(pytester: pytest.Pytester, lines: int) -> None:
    """Wait until both processes have told so much."""
    wait_until(
        lambda: [len(told) for told in told(pytester).values()],
        lambda seen: seen == [lines] * 2,
        what=f"{lines} lines of each process",
        timeout_s=20,
    )


def test_no_process_outlives_the_first(first: subprocess.Popen[bytes]) -> None:
    """It might hold what a LocalStack lives by."""
    first.send_signal(signal.SIGKILL)

    # Ends when nobody can write to it any more.
    first.communicate(timeout=20)


def test_nobody_need_wait_for_what_is_put_away(
    pytester: pytest.Pytester, first: subprocess.Popen[bytes]
) -> None:
    """The second Ctrl-C is meant; what was interrupted is named."""
    first.send_signal(signal.SIGINT)
    wait_until_told(pytester, 2)

    first.send_signal(signal.SIGINT)

    _, said = first.communicate(timeout=20)
    assert "interrupted in test_it.py::test_it[" in str(said)


def test_a_signal_between_two_lives_is_for_the_later(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a fork would end what the first process has begun."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "tests"))
    early = """
        import os

        os.register_at_fork(
            after_in_child=lambda: os.kill(os.getpid(), signal.SIGINT)
        )

        def pytest_sessionfinish():
            tell("finish")
    """
    prepare(pytester, "pass", "import signal", early)
    with pytester.popen(COMMAND, stdin=subprocess.DEVNULL) as process:
        process.communicate(timeout=20)

    assert process.returncode == 2
    assert told(pytester) == {process.pid: ["finish"]}
