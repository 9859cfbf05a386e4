"""Which tests a process gets, of those that several share."""

from itertools import chain, groupby
from typing import cast

import pytest

from harness.forks.tasks import AT_ONCE, Tasks, by_directory
from unit.harness import pytest_runs

pytest_plugins = ["pytester"]
TESTS = f"""
    import pytest

    @pytest.mark.parametrize("number", range({AT_ONCE + 1}))
    def test_it(number):
        pass
"""
DIRECTORIES = ("one", "other", "third")


@pytest.fixture
def items(pytester: pytest.Pytester) -> list[pytest.Item]:
    """Return tests of three directories in turn, each with more than one task."""
    for directory in DIRECTORIES:
        pytester.mkpydir(directory)
        pytester.makepyfile(**{f"{directory}/test_it": TESTS})
    seen = pytest_runs.seen(pytester, "--collect-only")
    collected = seen.getcall("pytest_collection_finish").session.items
    return [item for n in range(AT_ONCE + 1) for item in collected[n :: AT_ONCE + 1]]


def test_a_directorys_tests_stay_together(items: list[pytest.Item]) -> None:
    """In the order that they had, and so do the directories."""
    tasks = Tasks(by_directory(items, 1))

    taken = list(chain.from_iterable(tasks.of(0)))

    tasks.close()
    groups = groupby(taken, key=lambda item: item.path.parent.name)
    assert tuple(name for name, _ in groups) == DIRECTORIES
    for name in DIRECTORIES:
        listed = [item for item in items if item.path.parent.name == name]
        assert [item for item in taken if item.path.parent.name == name] == listed


def test_who_has_done_the_own_share_takes_of_the_others(
    items: list[pytest.Item],
) -> None:
    """And nobody takes a test twice."""
    tasks = Tasks(by_directory(items, 2))
    slow = tasks.of(0)
    begun = next(slow)

    taken = list(chain.from_iterable(tasks.of(1)))

    rest = list(slow)
    tasks.close()
    assert (len(begun), rest) == (AT_ONCE, [])
    assert sorted(map(id, [*begun, *taken])) == sorted(map(id, items))


def test_tasks_of_nothing_are_left_out(items: list[pytest.Item]) -> None:
    """A plugin may have made them."""
    tasks = Tasks([[[], items], [[]]])

    taken = list(tasks.of(1))

    tasks.close()
    assert taken == [items]


def test_more_tasks_than_can_be_given_out_are_refused() -> None:
    """Before any test runs, and not by waiting for ever."""
    with pytest.raises(BlockingIOError):
        Tasks([[[cast("pytest.Item", None)]] * 20_000])
