"""Runs of pytest in two processes, and what each of those did."""

from collections import defaultdict
from pathlib import Path
from textwrap import dedent

import pytest

from harness.forks import pytest_plugin
from unit.harness import pytest_runs

PLUGIN = pytest_plugin.__name__
# All processes write into one file, each line in one piece.
CONFTEST = """
    import os
    from pathlib import Path

    import pytest

    def tell(what):
        with Path("told").open("a") as told:
            told.write(f"{os.getpid()} {what}\\n")
"""
# A process may take the tests that another has not begun, so those that need two wait.
EACH_IN_ONE = """
    from multiprocessing import Barrier

    BOTH = Barrier(2)

    def pytest_forks_queues(items):
        return [[[item] for item in items]]
"""
# Should a test be wrong, all ends by itself.
WAIT = "threading.Event().wait(60)"
TESTS = """
    import os
    import signal
    import threading
    import warnings

    import pytest
    from conftest import *

    @pytest.mark.parametrize("number", range({count}))
    def test_it({fixtures}, number):
        tell(f"test {{number}}")
        {body}
"""


def prepare(
    pytester: pytest.Pytester,
    body: str = "pass",
    *more: str,
    count: int = 14,
    fixtures: str = "request",
) -> None:
    """Write as many tests with this body, and ``more`` into their conftest.py."""
    pytester.makeconftest("\n".join(map(dedent, (CONFTEST, *more))))
    written = TESTS.format(count=count, body=body, fixtures=fixtures)
    pytester.makepyfile(test_it=written)


def run(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    """Run what was prepared in two processes."""
    forked = ("-p", PLUGIN, "--forks=2", "--tb=native")
    return pytest_runs.run(pytester, *forked, *options)


def told(pytester: pytest.Pytester) -> dict[int, list[str]]:
    """Return what each process told, in its order."""
    found = defaultdict(list)
    path = Path(pytester.path, "told")
    for line in path.read_text().splitlines() if path.exists() else []:
        process, what = line.split(maxsplit=1)
        found[int(process)].append(what)
    return dict(found)
