"""pytest plugin: how long each phase took, in the header and in the summary.

Registered by harness.pytest_plugin; what xdist's workers measure is shown too.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

NAME = "harness-phases"
_WORKER_OUTPUT = "harness_phases"


class Phases:
    """The phases of one process, and in the controller those of its workers."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self.texts: list[str] = []

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Hand over to the controller what this worker has measured."""
        if hasattr(self._config, "workerinput"):
            output: dict[str, object] = self._config.workeroutput  # type: ignore[attr-defined] # xdist's
            name = self._config.workerinput["workerid"]
            output[_WORKER_OUTPUT] = [f"{name}: {text}" for text in self.texts]

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:  # noqa: ANN401 - xdist is untyped
        """Take over what a worker has measured; one that crashed says nothing."""
        self.texts += getattr(node, "workeroutput", {}).get(_WORKER_OUTPUT, [])

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
    _of(config).texts.append(text)


def text(config: pytest.Config) -> str:
    """Return the phases so far, for the header."""
    return "; ".join(_of(config).texts)


def _of(config: pytest.Config) -> Phases:
    phases = config.pluginmanager.get_plugin(NAME)
    assert isinstance(phases, Phases)
    return phases
