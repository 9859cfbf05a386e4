"""pytest's tests in several processes that share one collection and all its imports.

    pytest -p harness.forks.pytest_plugin --forks 2 tests/unit

Each process is a fork of the one that has collected: nothing is imported or collected
twice, which pays where a suite takes seconds. It takes a few tests at a time until none
is left; what it found is reported by the process that collected.
"""

from collections.abc import Sequence

import pytest

from harness.forks import hooks
from harness.forks.count import AUTO, forks, parse
from harness.forks.processes import Processes
from harness.forks.tasks import Task, by_directory


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.addoption(
        "--forks",
        type=parse,
        default=1,
        metavar="N",
        help=f"run tests in N processes that share one collection; {AUTO}: in one more "
        "than there are processors",
    )


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Let other plugins have a say."""
    pluginmanager.add_hookspecs(hooks)


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say in how many processes the tests run."""
    return [f"processes: {forks(config)}"] if forks(config) > 1 else []


@pytest.hookimpl(trylast=True)
def pytest_forks_queues(
    items: Sequence[pytest.Item], processes: int
) -> Sequence[Sequence[Task]]:
    """Keep directories together, where nobody knows better."""
    return by_directory(items, processes)


def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Run the tests in forks, where there are enough of them."""
    count = min(forks(session.config), len(session.items))
    if count < 2 or session.testsfailed:
        return None
    queues: Sequence[Sequence[Task]] = session.config.hook.pytest_forks_queues(
        items=session.items, processes=count
    )
    count = min(count, sum(map(len, queues)))
    if count < 2:
        return None
    # Else each fork would make its own, and leave it locked.
    session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined] # noqa: SLF001 - no other way in
    if terminal := session.config.pluginmanager.getplugin("terminalreporter"):
        terminal.showfspath = False  # it changes with every process that reports
    with Processes(session) as processes:
        processes.start(queues, count)
        processes.report()
    return True
