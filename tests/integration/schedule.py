"""Which files go to one of xdist's workers together, and which of them go first.

What waits long goes first, so that the others fill the gaps. Files that use the run's
stack go together: each worker that gets one deploys it.
"""

from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

# By the time they take, longest first; the rest follows in its random order. But of the
# first three only two deploy to the run's LocalStack, which does one thing at a time.
FIRST = (
    ("test_dead_letters.py", "test_delivery.py"),
    ("test_live.py",),
    ("test_sessions.py",),
    ("test_api.py", "test_promise.py", "test_resources.py", "test_telemetry.py",
     "test_versions.py", "test_levers.py"),
    ("test_kept.py",),
    ("test_embedded.py",),
    ("test_calls.py", "test_stage.py"),
    ("test_functions.py",),
    ("test_failures.py",),
)  # fmt: skip


class LongestFirst(LoadFileScheduling):  # type: ignore[misc] # xdist is untyped
    """Gives out the files of a group as one."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        group = next((one for one in FIRST if file.rpartition("/")[2] in one), None)
        return " ".join(group) if group else file


def rank(item: pytest.Item) -> int:
    """Return the place of a test's group; the groups of FIRST are first."""
    ranks = (number for number, group in enumerate(FIRST) if item.path.name in group)
    return next(ranks, len(FIRST))


def make(config: pytest.Config, log: Any) -> LongestFirst:  # noqa: ANN401 - xdist's
    """Return a scheduler that keeps to the order in which tests were collected."""
    config.option.loadscopereorder = False
    return LongestFirst(config, log)
