"""When garbage is collected."""

import gc
from collections.abc import Iterator

import pytest

from sam_harness.localstack import speed


@pytest.fixture(autouse=True)
def own_settings() -> Iterator[None]:
    """Put back how this process collects garbage."""
    before, was_enabled = gc.get_threshold(), gc.isenabled()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)
    (gc.enable if was_enabled else gc.disable)()


def test_no_garbage_is_collected_while_something_is_loaded() -> None:
    """What was loaded then is left alone, what comes is not."""
    gc.enable()

    with speed.no_garbage_collection():
        assert not gc.isenabled()
        loaded: list[object] = [[]]

    assert gc.isenabled()
    assert gc.get_threshold()[0] == speed.OBJECTS_BETWEEN_COLLECTIONS
    assert loaded not in gc.get_objects()


def test_garbage_is_collected_also_after_a_loading_that_failed() -> None:
    """A LocalStack that lacks a service goes on."""
    gc.disable()

    with pytest.raises(ImportError), speed.no_garbage_collection():
        raise ImportError

    assert gc.isenabled()
