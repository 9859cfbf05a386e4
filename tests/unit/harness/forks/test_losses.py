"""What did not run, or could not be put away, has not passed."""

import os
import signal
from itertools import chain

import pytest

from unit.harness.forks.forked import EACH_IN_ONE, WAIT, prepare, run, told

pytest_plugins = ["pytester"]
CHILD = """
    def fork():
        import threading

        if child := os.fork():
            tell(f"child {child}")
        else:
            # Should a test be wrong, it ends by itself.
            threading.Event().wait(20)
            tell("too late")
            os._exit(0)
"""
OF_SESSION = """
    @pytest.fixture(scope="session")
    def of_session():
        yield
        print("said at the end")
        {end}
"""


def test_a_lost_process_fails_the_run_and_its_test_is_named(
    pytester: pytest.Pytester,
) -> None:
    """The other one does what it can."""
    prepare(pytester, "number == 8 and os._exit(0)")

    result = run(pytester)

    assert result.ret == 1
    said = "*a process was lost in *::test_it[[]8[]] (with status 0); 4 tests *"
    result.stdout.fnmatch_lines([said])
    assert result.parseoutcomes() == {"passed": 10}


def test_so_does_one_that_is_lost_as_it_puts_away(pytester: pytest.Pytester) -> None:
    """Its tests have passed, but what they have left is still there."""
    end = "os.kill(os.getpid(), signal.SIGKILL)"
    fixture = OF_SESSION.format(end=end)
    prepare(pytester, "pass", "import signal", fixture, fixtures="of_session")

    result = run(pytester)

    assert result.ret == 1
    said = "*a process was lost after *::test_it[[]*[]], or * (by signal 9, Killed)*"
    result.stdout.fnmatch_lines([said])


@pytest.mark.parametrize(("end", "exit_code"), [("pass", 0), ("os._exit(0)", 1)])
def test_nobody_waits_for_what_a_test_has_forked(
    pytester: pytest.Pytester, end: str, exit_code: int
) -> None:
    """It holds an end of what its process has told by."""
    prepare(pytester, f"if number == 13: fork(); {end}", CHILD)

    result = run(pytester)

    assert result.ret == exit_code
    lines = chain.from_iterable(told(pytester).values())
    (forked,) = [line for line in lines if not line.startswith("test")]
    os.kill(int(forked.removeprefix("child ")), signal.SIGKILL)


def test_what_fails_to_be_put_away_is_an_error_of_the_last_test(
    pytester: pytest.Pytester,
) -> None:
    """And no reason to stop: other processes may have found something, too."""
    fixture = OF_SESSION.format(end="raise ValueError('in use')")
    body = "BOTH.wait(20)"
    prepare(pytester, body, EACH_IN_ONE, fixture, count=2, fixtures="of_session")

    result = run(pytester)

    result.assert_outcomes(passed=2, errors=2)
    assert result.ret == 1
    said = ["*ERROR at teardown of test_it*", "ValueError: in use", "said at the end"]
    result.stdout.fnmatch_lines(said * 2)


@pytest.mark.parametrize(
    ("interrupted", "failed"), [("raise", 1), ("pytest.fail('it is')", 2)]
)
def test_also_of_who_is_interrupted(
    pytester: pytest.Pytester, interrupted: str, failed: int
) -> None:
    """It may have left something that costs money, also where it fails of that."""
    fixture = OF_SESSION.format(end="if os.getpid() in WAITING: raise ValueError('!')")
    body = f"""
        BOTH.wait(20)
        assert number
        WAITING.append(os.getpid())
        try:
            {WAIT}
        except KeyboardInterrupt:
            {interrupted}
    """
    more = (EACH_IN_ONE, "WAITING = []", fixture)
    prepare(pytester, body, *more, count=2, fixtures="of_session")

    result = run(pytester, "-x")

    result.assert_outcomes(failed=failed, errors=1)
    result.stdout.fnmatch_lines(["*ERROR at teardown of test_it[[]1[]]*"])


def test_what_comes_up_late_is_an_error(pytester: pytest.Pytester) -> None:
    """Warnings are errors where somebody wants that, whatever the last test is."""
    fixture = OF_SESSION.format(end="fail_in_a_thread(); Leak()")
    more = """
        import threading

        class Leak:
            def __init__(self):
                self.own = self

            def __del__(self):
                raise ValueError("garbage")

        def fail_in_a_thread():
            thread = threading.Thread(target=lambda: 1 / 0)
            thread.start()
            thread.join()
    """
    mine = "pytest.mark.filterwarnings('ignore')"
    body = f"request.node.add_marker({mine}); BOTH.wait(20)"
    leaks = (EACH_IN_ONE, fixture, more)
    prepare(pytester, body, *leaks, count=2, fixtures="of_session, request")

    result = run(pytester, "-Werror")

    result.assert_outcomes(passed=2, errors=4)
    said = ["ZeroDivisionError*", "ValueError: garbage"]
    result.stdout.fnmatch_lines_random(said)
