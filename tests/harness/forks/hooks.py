"""What other plugins may have a say in."""

from collections.abc import Sequence

import pytest

from harness.forks.tasks import Task


@pytest.hookspec(firstresult=True)
def pytest_forks_queues(
    items: Sequence[pytest.Item], processes: int
) -> Sequence[Sequence[Task]] | None:
    """Return the tests in queues of tasks: one for each process, or one for all.

    None: as `harness.forks.tasks.by_directory` does.
    """


def pytest_forks_begin(config: pytest.Config) -> None:
    """Put away, in a fork, what only the process is for that has collected."""


def pytest_forks_told(number: int, name: str, content: object) -> None:
    """Take, in that process, what fork ``number`` has told; see `Worker.tell`."""
