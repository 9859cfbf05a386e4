"""The tests of a run, a task at a time, for processes that take what they can."""

import os
from collections.abc import Iterator, Sequence
from itertools import batched, count

import pytest

# So many are taken at once: few enough for an even end, and fixtures keep their use.
AT_ONCE = 12
_BYTES = 4

type Task = Sequence[pytest.Item]
"""Tests that one process runs, one after the other."""


class Tasks:
    """A queue for each process, or one for all.

    Who has done the tasks of the own queue helps with the others.
    """

    def __init__(self, queues: Sequence[Sequence[Task]]) -> None:
        queues = [[task for task in queue if task] for queue in queues]
        self._tasks = [task for queue in queues for task in queue]
        numbers = count()
        self._queues = [_pipe([next(numbers) for _ in queue]) for queue in queues]

    def of(self, process: int) -> Iterator[Task]:
        """Yield tasks that no other process has or gets, as long as there are any."""
        own = process % len(self._queues)
        for queue in (*self._queues[own:], *self._queues[:own]):
            while number := os.read(queue, _BYTES):
                yield self._tasks[int.from_bytes(number)]

    def close(self) -> None:
        """Leave the tests to the processes."""
        for queue in self._queues:
            os.close(queue)


def by_directory(items: Sequence[pytest.Item], processes: int) -> list[list[Task]]:
    """Return a queue of a few tests each for every process.

    A directory's tests stay together: what only they use is made by one process.
    """
    directories = dict.fromkeys(item.path.parent for item in items)
    rank = {directory: place for place, directory in enumerate(directories)}
    ordered = sorted(items, key=lambda item: rank[item.path.parent])
    tasks = list(batched(ordered, AT_ONCE, strict=False))
    bounds = [len(tasks) * number // processes for number in range(processes + 1)]
    return [list(tasks[bounds[n] : bounds[n + 1]]) for n in range(processes)]


def _pipe(numbers: Sequence[int]) -> int:
    """Return a pipe with the number of every task; who reads one, has it."""
    readable, writable = os.pipe()
    os.set_blocking(writable, False)  # whoever has more than it takes is told so
    for number in numbers:
        os.write(writable, number.to_bytes(_BYTES))
    os.close(writable)
    return readable
