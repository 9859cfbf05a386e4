"""pytest plugin: how long each phase took, in the header and in the summary.

Registered by harness.pytest_plugin; what forks measure is shown too.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from harness.forks.worker import worker_of

NAME = "harness-phases"


class Phases:
    """The phases of a run, whichever of its processes measured them."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def pytest_forks_told(self, number: int, name: str, content: object) -> None:
        """Take over what a fork has measured."""
        if name == NAME:
            self.texts.append(f"process {number}: {content}")

    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter
    ) -> None:
        """Print them."""
        if self.texts:
            terminalreporter.section("phases")
            for text in self.texts:
                terminalreporter.line(text)


@contextmanager
def measured(config: pytest.Config, what: str) -> Iterator[None]:
    """Measure a phase, ``what`` being what has happened then."""
    began = time.monotonic()
    yield
    note(config, f"{what} in {time.monotonic() - began:.1f} s")


def note(config: pytest.Config, text: str) -> None:
    """Add a phase that was measured elsewhere."""
    if worker := worker_of(config):
        worker.tell(NAME, text)
    else:
        _of(config).texts.append(text)


def text(config: pytest.Config) -> str:
    """Return the phases so far, for the header."""
    return "; ".join(_of(config).texts)


def _of(config: pytest.Config) -> Phases:
    phases = config.pluginmanager.get_plugin(NAME)
    assert isinstance(phases, Phases)
    return phases
