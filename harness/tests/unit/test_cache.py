"""What is made once and kept, and which entries stay."""

import os
import threading
import time
from pathlib import Path

import pytest

from sam_harness import cache
from sam_harness.errors import HarnessError


def test_an_entry_is_made_once(tmp_path: Path) -> None:
    """A second call gets what is there."""
    made: list[Path] = []

    def make(entry: Path) -> None:
        entry.mkdir()
        made.append(entry)

    for _ in range(2):
        assert cache.made_once(tmp_path / "home" / "x", make) == tmp_path / "home" / "x"

    assert len(made) == 1


def test_of_two_that_ask_at_once_one_makes_the_entry(tmp_path: Path) -> None:
    """The other waits for it."""
    made: list[Path] = []
    others: list[threading.Thread] = []

    def make(entry: Path) -> None:
        entry.mkdir()
        made.append(entry)
        if not others:
            asks = threading.Event()
            others.append(threading.Thread(target=ask, args=[asks]))
            others[0].start()
            assert asks.wait(10)

    def ask(asks: threading.Event) -> None:
        asks.set()
        cache.made_once(tmp_path / "x", make)

    cache.made_once(tmp_path / "x", make)
    others[0].join()

    assert len(made) == 1


def test_half_an_entry_is_made_anew(tmp_path: Path) -> None:
    """A process that fails or is killed leaves nothing that looks whole."""

    def fail(entry: Path) -> None:
        entry.mkdir()
        (entry / "half").touch()
        raise HarnessError("stopped")

    with pytest.raises(HarnessError):
        cache.made_once(tmp_path / "x", fail)
    assert not cache.is_made(tmp_path / "x")
    cache.made_once(tmp_path / "x", Path.mkdir)

    assert cache.is_made(tmp_path / "x")
    assert not (tmp_path / "x" / "half").exists()


def test_facts_are_told_apart() -> None:
    """What is moved from one fact to the next makes another key."""
    assert cache.key_of("ab", "c") != cache.key_of("a", "bc")
    assert cache.key_of("a", b"b") == cache.key_of(b"a", "b")


def test_the_recipe_changes_with_the_text_of_a_module(tmp_path: Path) -> None:
    """A changed step of the harness makes its results anew, without being told to."""
    (tmp_path / "trim.py").write_text("x = 1")
    before = cache.recipe(tmp_path)
    cache.recipe.cache_clear()
    (tmp_path / "trim.py").write_text("x = 2")

    assert cache.recipe(tmp_path) != before


@pytest.mark.parametrize(
    ("age_s", "left"), [(0, 10), (cache.IN_USE_S - 60, 10), (cache.IN_USE_S + 60, 5)]
)
def test_of_old_entries_the_newest_stay_and_all_that_may_be_in_use(
    tmp_path: Path, age_s: float, left: int
) -> None:
    """A run deploys what it has built a while ago, and others build meanwhile."""
    for number in range(10):
        built = tmp_path / f"template-{number}"
        built.mkdir()
        (built / ".ready").touch()
        when = time.time() - age_s + number
        os.utime(built, (when, when))

    cache.forget_old(tmp_path, kept=5)

    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [f"template-{number}" for number in range(10 - left, 10)]
