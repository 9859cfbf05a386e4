"""A run that ends early: who wants that, and what it says."""

import signal

import pytest

from harness.forks import processes
from unit.harness.forks.forked import EACH_IN_ONE, WAIT, prepare, run, told

pytest_plugins = ["pytester"]


@pytest.mark.parametrize(
    ("body", "options", "exit_code", "said"),
    [
        ("assert 0", ["-x"], 1, "stopping after * failures"),
        ("request.session.shouldfail = 'too bad'", [], 1, "too bad"),
        ("request.session.shouldstop = 'enough'", [], 2, "enough"),
        ("pytest.exit('away', 7)", [], 7, "away"),
        ("raise KeyboardInterrupt", [], 2, "KeyboardInterrupt"),
    ],
)
def test_a_test_ends_the_run(
    pytester: pytest.Pytester, body: str, options: list[str], exit_code: int, said: str
) -> None:
    """At once, and with the status that it has in one process."""
    prepare(pytester, body)

    result = run(pytester, *options)

    assert result.ret == exit_code
    result.stdout.fnmatch_lines([f"*!!! *{said} !!!*"])
    processes = told(pytester).values()
    assert all(len(lines) == 1 for lines in processes), processes


def test_the_first_failure_interrupts_the_others(pytester: pytest.Pytester) -> None:
    """Also where a shell has started the run with &, so that it ignores SIGINT."""
    body = f"""
        BOTH.wait(20)
        try:
            assert number
            {WAIT}
            tell("has waited")
        finally:
            if number:  # a terminal interrupts all, besides what the first one does
                os.kill(os.getpid(), signal.SIGINT)
            tell("put away")
    """
    prepare(pytester, body, EACH_IN_ONE, count=2)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        result = run(pytester, "-x")
    finally:
        signal.signal(signal.SIGINT, before)

    assert result.ret == 1
    result.assert_outcomes(failed=1)
    assert sorted(told(pytester).values()) == [
        ["test 0", "put away"],
        ["test 1", "put away"],
    ]


def test_who_does_not_end_is_killed(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And the run says so."""
    monkeypatch.setattr(processes, "END_TIMEOUT_S", 0.1)
    ignore = "signal.signal(signal.SIGINT, signal.SIG_IGN)"
    body = f"{ignore}; BOTH.wait(20); assert number; {WAIT}; tell('has waited')"
    prepare(pytester, body, EACH_IN_ONE, count=2)

    result = run(pytester, "-x")

    assert result.ret == 1
    result.stderr.fnmatch_lines(["harness: killed, as it does not end: test_it*[[]1]"])
    assert sorted(told(pytester).values()) == [["test 0"], ["test 1"]]


def test_a_plugin_that_fails_ends_the_run(pytester: pytest.Pytester) -> None:
    """With its traceback: nobody else would show it."""
    plugin = "def pytest_forks_begin(config): raise ValueError('plugin')"
    prepare(pytester, "pass", plugin)

    result = run(pytester)

    assert result.ret == 1
    result.stdout.fnmatch_lines(
        ["*a process ended in no test: *", "*ValueError: plugin*"]
    )
