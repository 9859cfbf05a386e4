"""pytest plugin: look for garbage less often, and not among what was imported.

    pytest -p harness.pytest_garbage …

Python's own numbers make a tenth of a run of it, and pytest looks five times more when
a process ends: a quarter of a second each.
"""

import gc
from collections.abc import Generator

import pytest

# Objects made between two looks; Python's own number is 2,000.
_OBJECTS = 50_000


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Look for no garbage while modules are imported: nobody drops them."""
    gc.disable()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Generator[None, object, object]:
    """Leave what has been imported out of every later look for garbage."""
    result = yield
    gc.freeze()
    gc.set_threshold(_OBJECTS)
    gc.enable()
    return result
