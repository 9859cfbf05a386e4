"""pytest plugin: tests that are about one way of running LocalStack only.

Registered by harness.pytest_plugin once LocalStack is there.
"""

import pytest

from harness.emulator import choice

MARKER = "emulator_mode"
DESCRIPTION = f"{MARKER}(mode, *, reason): only for one way of running LocalStack"


class TestsOfMode:
    """Deselects the tests that are about the other way."""

    __test__ = False

    def __init__(self, mode: str) -> None:
        self._mode = mode

    def pytest_report_header(self) -> list[str]:
        """Say which tests will be missing."""
        return [
            f"emulator: tests marked {MARKER}({mode!r}) are deselected"
            for mode in choice.MODES
            if mode != self._mode
        ]

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Deselect them."""
        others = {item for item in items if _mode_of(item) not in {None, self._mode}}
        if others:
            config.hook.pytest_deselected(items=[i for i in items if i in others])
            items[:] = [item for item in items if item not in others]


def _mode_of(item: pytest.Item) -> str | None:
    """Return the only mode that a test is meant for; None: both."""
    if not (marker := item.get_closest_marker(MARKER)):
        return None
    if not marker.kwargs.get("reason") or marker.args not in {
        (m,) for m in choice.MODES
    }:
        raise pytest.UsageError(
            f"{item.nodeid}: {MARKER} takes one of {choice.MODES} and a reason"
        )
    mode: str = marker.args[0]
    return mode
