"""How many processes a run may have."""

import os
import sys
from argparse import ArgumentTypeError

import pytest

AUTO = "auto"


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
    """Return how many processes there may be: a debugger and coverage want only one."""
    alone = (
        config.option.usepdb
        or config.option.trace
        or config.option.collectonly
        or getattr(config.option, "cov_source", None)
        or sys.platform != "linux"
    )
    return 1 if alone else max(1, config.option.forks)
