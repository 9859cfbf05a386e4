"""Tests in several processes: each runs once, and the run tells what became of it."""

import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from unit.harness import pytest_runs

pytest_plugins = ["pytester"]
PLUGIN = "harness.forks.pytest_plugin"
TESTS = """
    import os
    import warnings
    from pathlib import Path

    import pytest

    COLLECTED = os.getpid()

    @pytest.mark.parametrize("number", range({count}))
    def test_it(number):
        with Path("ran").open("a") as ran:
            print(number, os.getpid() == COLLECTED, file=ran)
        {body}
"""


def run(
    pytester: pytest.Pytester, *options: str, body: str = "pass", count: int = 40
) -> pytest.RunResult:
    """Run tests with this body in two processes."""
    pytester.makepyfile(TESTS.format(body=body, count=count))
    forked = ("-p", PLUGIN, "--forks=2", "--tb=native")
    return pytest_runs.run(pytester, *forked, *options)


def ran(pytester: pytest.Pytester) -> list[tuple[int, str]]:
    """Return the number of each test that ran, and whether where it was collected."""
    lines = Path(pytester.path, "ran").read_text().splitlines()
    return sorted((int(number), where) for number, where in map(str.split, lines))


def test_every_test_runs_once_and_is_reported_as_ever(
    pytester: pytest.Pytester,
) -> None:
    """With the output of those that failed, and with warnings."""
    body = (
        "print('said', number); number == 7 and warnings.warn('!'); assert number % 2"
    )

    result = run(pytester, body=body)

    result.assert_outcomes(passed=20, failed=20, warnings=1)
    assert result.ret == 1
    said = [line for line in result.outlines if line.startswith("said")]
    assert sorted(said) == sorted(f"said {number}" for number in range(0, 40, 2))
    result.stdout.fnmatch_lines(["*UserWarning: !*"])
    assert ran(pytester) == [(number, "False") for number in range(40)]


def test_a_lost_process_fails_the_run_and_its_test_is_named(
    pytester: pytest.Pytester,
) -> None:
    """What did not run has not passed."""
    result = run(pytester, body="number == 20 and os._exit(0)")

    assert result.ret == 1
    result.stdout.fnmatch_lines(["*a process was lost in *::test_it[[]20[]]; *"])


@pytest.mark.parametrize("interrupts", [signal.default_int_handler, signal.SIG_IGN])
def test_the_first_failure_ends_the_run_on_request(
    pytester: pytest.Pytester, interrupts: Callable[..., None] | signal.Handlers
) -> None:
    """Nobody waits for the other process, nor does one that a shell started with &."""
    before = signal.signal(signal.SIGINT, interrupts)
    try:
        result = run(pytester, "-x", body="assert number < 12, '!' * 9999", count=100)
    finally:
        signal.signal(signal.SIGINT, before)

    assert result.ret == 1
    assert result.parseoutcomes()["failed"] == 1
    assert len(ran(pytester)) < 100


def test_a_handful_of_tests_runs_where_it_was_collected(
    pytester: pytest.Pytester,
) -> None:
    """As for a single test that somebody looks into."""
    run(pytester, count=12).assert_outcomes(passed=12)

    assert ran(pytester) == [(number, "True") for number in range(12)]
