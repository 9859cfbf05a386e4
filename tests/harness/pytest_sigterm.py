"""Ends a pytest run in good order on SIGTERM, as Ctrl-C does."""

import signal
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

import pytest


def end_on_sigterm(config: pytest.Config) -> None:
    """Take SIGTERM for the end of the run, until ``config`` is cleaned up."""
    before = signal.signal(signal.SIGTERM, _exit)
    config.add_cleanup(partial(_restore, before))


def _restore(handler: Callable[[int, FrameType | None], Any] | int | None) -> None:
    signal.signal(signal.SIGTERM, handler)


def _exit(number: int, _frame: object) -> None:
    name = signal.Signals(number).name
    pytest.exit(f"{name} was received", returncode=128 + number)
