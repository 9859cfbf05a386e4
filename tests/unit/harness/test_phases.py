"""How long each phase took is in the summary, whichever process measured it."""

import pytest

from unit.harness import pytest_runs

pytest_plugins = ["pytester"]
CONFTEST = """
    import pytest

    from harness.pytest_phases import NAME, Phases, measured, note, text

    pytest_plugins = ["harness.forks.pytest_plugin"]

    def pytest_configure(config):
        config.pluginmanager.register(Phases(), NAME)
        note(config, "LocalStack started in 1.7 s")

    def pytest_report_header(config):
        return text(config)

    @pytest.fixture(scope="session")
    def stack(pytestconfig):
        with measured(pytestconfig, "stack deployed"):
            pass
"""
EACH_IN_ONE = """
    def pytest_forks_queues(items):
        return [[[item]] for item in items]
"""
# Else the one that begins might take both.
AT_ONCE = """
    from multiprocessing import Barrier

    import pytest

    BOTH = Barrier(2)

    @pytest.mark.parametrize("number", range(2))
    def test(number, stack):
        BOTH.wait(timeout=20)
"""


def test_phases_are_in_header_and_summary(pytester: pytest.Pytester) -> None:
    """What is over when the header is written is in both."""
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile("def test(stack): pass")

    said = pytest_runs.run(pytester)

    assert said.ret == 0
    said.stdout.fnmatch_lines(
        ["LocalStack started in 1.7 s", "* phases *", "LocalStack started in 1.7 s",
         "stack deployed in 0.0 s"]
    )  # fmt: skip


def test_a_forks_phases_are_in_the_summary_under_its_number(
    pytester: pytest.Pytester,
) -> None:
    """Each has a stack of its own."""
    pytester.makeconftest(CONFTEST + EACH_IN_ONE)
    pytester.makepyfile(AT_ONCE)

    said = pytest_runs.run(pytester, "--forks=2")

    assert said.ret == 0
    phases = sorted(line for line in said.outlines if line.startswith("process "))
    assert phases == [
        "process 0: stack deployed in 0.0 s",
        "process 1: stack deployed in 0.0 s",
    ]
