"""The tests of a run, a few at a time, for processes that take what they can."""

import os
from collections.abc import Iterator, Sequence
from itertools import pairwise

import pytest

# So many are taken at once: few enough for an even end, and fixtures keep their use.
AT_ONCE = 12
_BYTES = 4


def tasks_in(items: Sequence[pytest.Item]) -> int:
    """Return how many tasks the tests are."""
    return -(-len(items) // AT_ONCE)


class Tasks:
    """A share for each process; who has done the own one helps the others.

    A directory's tests stay together: what only they use is made by one process.
    """

    def __init__(self, items: Sequence[pytest.Item], processes: int) -> None:
        directories = dict.fromkeys(item.path.parent for item in items)
        rank = {directory: place for place, directory in enumerate(directories)}
        self._items = sorted(items, key=lambda item: rank[item.path.parent])
        bounds = [tasks_in(items) * one // processes for one in range(processes + 1)]
        self._shares = [
            _pipe(range(start * AT_ONCE, end * AT_ONCE, AT_ONCE))
            for start, end in pairwise(bounds)
        ]

    def of(self, process: int) -> Iterator[pytest.Item]:
        """Yield tests that no other process has or gets, as long as there are any."""
        for share in (*self._shares[process:], *self._shares[:process]):
            while first := os.read(share, _BYTES):
                start = int.from_bytes(first)
                yield from self._items[start : start + AT_ONCE]

    def close(self) -> None:
        """Leave the tests to the processes."""
        for share in self._shares:
            os.close(share)


def _pipe(firsts: range) -> int:
    """Return a pipe with the first test of every task; who reads one, has it."""
    readable, writable = os.pipe()
    for first in firsts:
        os.write(writable, first.to_bytes(_BYTES))
    os.close(writable)
    return readable
