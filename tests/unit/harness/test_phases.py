"""How long each phase took is in the summary, whichever process measured it."""

from types import SimpleNamespace

import pytest

from harness.pytest_phases import Phases
from unit.harness import pytest_runs

pytest_plugins = ["pytester"]
CONFTEST = """
    import pytest

    from harness import pytest_phases

    def pytest_configure(config):
        config.pluginmanager.register(pytest_phases.Phases(config), pytest_phases.NAME)
        pytest_phases.note(config, "LocalStack started in 1.7 s")

    def pytest_report_header(config):
        return pytest_phases.text(config)

    @pytest.fixture(scope="session")
    def stack(pytestconfig):
        with pytest_phases.measured(pytestconfig, "stack deployed"):
            pass
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


def test_a_workers_phases_reach_the_controller_under_its_name(
    pytestconfig: pytest.Config,
) -> None:
    """A worker that crashed says nothing, and that is no error."""
    config = SimpleNamespace(workerinput={"workerid": "gw1"}, workeroutput={})
    worker = Phases(config)  # type: ignore[arg-type] # as xdist makes it in a worker
    worker.texts.append("stack deployed in 2.0 s")
    controller = Phases(pytestconfig)

    worker.pytest_sessionfinish()
    controller.pytest_testnodedown(SimpleNamespace(workeroutput=config.workeroutput))
    controller.pytest_testnodedown(SimpleNamespace())

    assert controller.texts == ["gw1: stack deployed in 2.0 s"]
