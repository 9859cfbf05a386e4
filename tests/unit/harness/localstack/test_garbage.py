"""When garbage is searched for."""

import gc
from collections.abc import Iterator

import pytest

from harness.localstack_plugin import garbage


@pytest.fixture(autouse=True)
def own_settings() -> Iterator[None]:
    """Put back how this process searches."""
    before, was_enabled = gc.get_threshold(), gc.isenabled()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)
    (gc.enable if was_enabled else gc.disable)()


def test_none_is_searched_for_while_something_is_loaded() -> None:
    """What was loaded then is left alone, what comes is not."""
    gc.enable()

    with garbage.unsearched():
        assert not gc.isenabled()
        loaded: list[object] = [[]]

    assert gc.isenabled()
    assert gc.get_threshold()[0] == garbage.OBJECTS_BETWEEN_SEARCHES
    assert loaded not in gc.get_objects()


def test_it_is_searched_for_also_when_the_loading_failed() -> None:
    """A LocalStack that lacks a service goes on."""
    gc.disable()

    with pytest.raises(ImportError), garbage.unsearched():
        raise ImportError

    assert gc.isenabled()
