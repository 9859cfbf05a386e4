"""What this system cannot show is deselected, and listed after the run."""

import pytest

from harness.tests import namespaces
from sam_harness.pytest_plugin.selection import not_provable


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", f"{namespaces.MARKER}: user namespaces")


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Deselect what needs namespaces, where this system allows none."""
    others = [one for one in items if one.get_closest_marker(namespaces.MARKER)]
    if others and not namespaces.are_allowed():
        reason = "only with user namespaces, which this system forbids"
        not_provable(config)[reason] = len(others)
        config.hook.pytest_deselected(items=others)
        items[:] = [one for one in items if one not in others]
