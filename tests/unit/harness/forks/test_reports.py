"""Tests in several processes: each runs once, and the run tells what became of it."""

import os
from itertools import chain
from pathlib import Path

import pytest

from unit.harness.forks.forked import prepare, run, told

pytest_plugins = ["pytester"]


def open_files() -> int:
    """Return how many there are."""
    return len(list(Path("/proc/self/fd").iterdir()))


def test_every_test_runs_once_and_is_reported_as_ever(
    pytester: pytest.Pytester,
) -> None:
    """With the output of those that failed; no file is left open."""
    before = open_files()
    body = """
        print("said", number)
        tell(tmp_path.parent)
        with subtests.test():
            assert number != 3
        assert number % 2
    """
    prepare(pytester, body, fixtures="tmp_path, subtests")

    result = run(pytester)

    result.assert_outcomes(passed=6, failed=9)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["FAILED *[[]3[]] - contains 1 failed subtest"])
    said = [line for line in result.outlines if line.startswith("said")]
    assert sorted(said) == sorted(f"said {number}" for number in (3, *range(0, 14, 2)))
    ran = sorted(chain.from_iterable(told(pytester).values()))
    # Else each process would make a directory for its tests, and leave it locked.
    assert len(set(ran[:14])) == 1
    assert ran[14:] == sorted(f"test {number}" for number in range(14))
    assert os.getpid() not in told(pytester)
    assert open_files() == before


def test_warnings_are_in_the_summary(pytester: pytest.Pytester) -> None:
    """Also of a class that no other process can find."""
    kinds = "[UserWarning, type('Own', (Warning,), {})]"
    prepare(pytester, f"number < 2 and warnings.warn('careful', {kinds}[number])")

    result = run(pytester)

    result.assert_outcomes(passed=14, warnings=2)
    result.stdout.fnmatch_lines_random(
        ["*.py:*: UserWarning: careful", "*.py:*: Own: careful"]
    )


def test_a_handful_of_tests_runs_where_it_was_collected(
    pytester: pytest.Pytester,
) -> None:
    """As for a single test that somebody looks into."""
    prepare(pytester, count=12)

    run(pytester).assert_outcomes(passed=12)

    assert list(told(pytester)) == [os.getpid()]


def test_nothing_runs_where_not_all_could_be_collected(
    pytester: pytest.Pytester,
) -> None:
    """As in one process."""
    prepare(pytester)
    pytester.makepyfile(test_other="syntax error")

    result = run(pytester)

    assert result.ret == 2
    assert not told(pytester)
