"""Runs in forks, also where this one is looked into."""

import pytest

from harness.forks import count


@pytest.fixture(autouse=True)
def _nobody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Coverage of the run around does not keep those within in one process."""
    monkeypatch.setattr(count, "is_watched", lambda: False)
