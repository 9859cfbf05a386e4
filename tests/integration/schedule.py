"""Which files go to one process together, and which of them go first.

What waits long goes first, so that the others fill the gaps. Files that use the run's
stack go together: each process that gets one deploys it.
"""

from collections.abc import Sequence
from itertools import groupby

import pytest

from harness.forks.tasks import Task

# By the time they take, longest first; the rest follows in its random order. But of the
# first three only two deploy to the run's LocalStack, which does one thing at a time.
FIRST = (
    ("test_dead_letters.py", "test_delivery.py"),
    ("test_live.py",),
    ("test_sessions.py",),
    ("test_api.py", "test_payment.py", "test_promise.py", "test_resources.py",
     "test_telemetry.py", "test_versions.py", "test_levers.py"),
    ("test_kept.py",),
    ("test_embedded.py",),
    ("test_calls.py", "test_stage.py"),
    ("test_functions.py",),
    ("test_failures.py",),
)  # fmt: skip


def rank(item: pytest.Item) -> int:
    """Return the place of a test's group; the groups of FIRST are first."""
    ranks = (number for number, group in enumerate(FIRST) if item.path.name in group)
    return next(ranks, len(FIRST))


def tasks(items: Sequence[pytest.Item]) -> list[Task]:
    """Return tests that are ordered by rank: a group together, or else a file."""
    by_file = len(FIRST)

    def of(item: pytest.Item) -> object:
        place = rank(item)
        return item.path if place == by_file else place

    return [list(together) for _, together in groupby(items, of)]
