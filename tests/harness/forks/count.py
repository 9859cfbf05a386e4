"""How many processes a run may have."""

import os
import sys
from argparse import ArgumentTypeError

import pytest

AUTO = "auto"
# Options to see what happens, or that go by the order in which it does.
_ALONE = ("usepdb", "trace", "collectonly", "setupshow", "stepwise")
_monitoring = sys.monitoring


def parse(text: str) -> int:
    """Return the number that an option gives; raises ArgumentTypeError.

    ``auto`` is one more than there are processors, as some tests wait.
    """
    if text == AUTO:
        return (os.process_cpu_count() or 1) + 1
    if not text.isdecimal():
        raise ArgumentTypeError(f"{text!r} is neither a number nor {AUTO}")
    return int(text)


def forks(config: pytest.Config) -> int:
    """Return how many processes there may be: only one, where it is looked into."""
    alone = any(getattr(config.option, name, False) for name in _ALONE)
    if alone or is_watched() or sys.platform != "linux":
        return 1
    wanted: int = config.option.forks
    return max(1, wanted)


def is_watched() -> bool:
    """Whether coverage, a debugger or a profiler counts on what happens here."""
    ids = _monitoring.DEBUGGER_ID, _monitoring.COVERAGE_ID, _monitoring.PROFILER_ID
    watchers = (sys.gettrace(), sys.getprofile(), *map(_monitoring.get_tool, ids))
    return any(watcher is not None for watcher in watchers)
