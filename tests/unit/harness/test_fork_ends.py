"""What a process of several puts away, and when; none outlives the first."""

import signal
import subprocess
import sys
from argparse import ArgumentTypeError
from collections import defaultdict
from pathlib import Path

import pytest

from harness.environments import ROOT
from harness.forks.count import parse
from harness.polling import wait_until
from unit.harness import pytest_runs

pytest_plugins = ["pytester"]
PLUGIN = "harness.forks.pytest_plugin"
# All processes write into one file, each line in one piece.
CONFTEST = """
    import os
    from pathlib import Path

    import pytest

    def tell(what):
        with Path("told").open("a") as told:
            told.write(f"{os.getpid()} {what}\\n")

    def pytest_forks_queues(items):
        return [[[item] for item in items]]

    def pytest_forks_begin(config):
        tell("begins")

    @pytest.fixture(scope="session")
    def of_session():
        yield
        tell("session")

    @pytest.fixture(scope="module")
    def of_module(of_session):
        yield
        tell("module")
"""
TESTS = """
    import threading

    import pytest
    from conftest import tell

    @pytest.mark.parametrize("number", range({count}))
    def test_it(number, of_module):
        tell("test")
        {body}
"""


def prepare(pytester: pytest.Pytester, count: int, body: str = "pass") -> None:
    """Write tests, each a task of its own, of one queue."""
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(TESTS.format(count=count, body=body))


def told(pytester: pytest.Pytester) -> list[list[str]]:
    """Return what each process told, in its order."""
    found = defaultdict(list)
    path = Path(pytester.path, "told")
    for line in path.read_text().splitlines() if path.exists() else []:
        process, what = line.split()
        found[process].append(what)
    return list(found.values())


def test_only_what_is_the_sessions_stays_between_tasks(
    pytester: pytest.Pytester,
) -> None:
    """No process takes a test from the others to know what its next one needs."""
    prepare(pytester, 5)

    result = pytest_runs.run(pytester, "-p", PLUGIN, "--forks=2")

    result.assert_outcomes(passed=5)
    processes = told(pytester)
    assert len(processes) == 2
    for lines in processes:
        tests = lines.count("test")
        ends = ["session"] if tests else []
        assert lines == ["begins", *["test", "module"] * tests, *ends]


def test_who_is_interrupted_puts_away_what_it_has_begun(
    pytester: pytest.Pytester,
) -> None:
    """Also of the session: a kept LocalStack, say."""
    # Whoever is second fails.
    second = "Path('told').read_text().count('test') == 2"
    wait = f"from pathlib import Path; {second} or threading.Event().wait(20)"
    prepare(pytester, 2, f"{wait}; assert 0")

    pytest_runs.run(pytester, "-p", PLUGIN, "--forks=2", "-x")

    assert told(pytester) == [["begins", "test", "module", "session"]] * 2


def test_no_process_outlives_the_first(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It might hold what a LocalStack lives by."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "tests"))
    prepare(pytester, 2, "threading.Event().wait()")
    command = [sys.executable, "-m", "pytest", "-p", PLUGIN, "--forks=2"]
    with pytester.popen(command, stdin=subprocess.DEVNULL) as first:
        wait_until(
            lambda: sorted(told(pytester)),
            lambda lines: lines == [["begins", "test"]] * 2,
            what="two processes that wait",
            timeout_s=20,
        )

        first.send_signal(signal.SIGKILL)

        # Ends when nobody can write to it any more.
        first.communicate(timeout=20)


def test_as_many_processes_as_suits_the_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Or as many as somebody says."""
    monkeypatch.setattr("os.process_cpu_count", lambda: 8)

    assert (parse("auto"), parse("3")) == (9, 3)
    with pytest.raises(ArgumentTypeError, match="'many' is neither a number nor auto"):
        parse("many")
