"""Ends a pytest run in good order on SIGTERM, as Ctrl-C does, and on Ctrl-C always."""

import signal
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

import pytest

type _Handler = Callable[[int, FrameType | None], Any] | int | None


def end_on_signals(config: pytest.Config) -> None:
    """Take SIGTERM and SIGINT for the end of the run, until ``config`` is cleaned up.

    A shell has SIGINT ignored by what it starts with &, and so would be all that the
    run starts in turn.
    """
    handlers = {signal.SIGTERM: _exit, signal.SIGINT: signal.default_int_handler}
    for number, handler in handlers.items():
        before = signal.signal(number, handler)
        config.add_cleanup(partial(_restore, number, before))


def _restore(number: int, handler: _Handler) -> None:
    signal.signal(number, handler)


def _exit(number: int, _frame: object) -> None:
    name = signal.Signals(number).name
    pytest.exit(f"{name} was received", returncode=128 + number)
