"""Tells that files changed, once they have come to rest; their content tells what.

Editors write through temporary files and renames, in several steps: events that follow
one another within ``STEP_MS`` are one. However many come while nobody waits, the next
wait returns at once, and once.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Event, Thread
from typing import Self

from watchfiles import Change, watch

from harness import sources
from harness.errors import HarnessError

STEP_MS = 20
# A burst that goes on for longer is looked at in between.
LONGEST_MS = 1000
STOP_MS = 200  # at most, from the end of the block to the end of the watching


class FileEvents:
    """Watches a template and the directories of its code, until the block ends."""

    def __init__(
        self, template: Path, directories: Sequence[Path], *, stop_ms: int = STOP_MS
    ) -> None:
        self._stop_ms = stop_ms
        self._template = template.absolute()
        self._wanted: list[Path] = []
        self._watched: list[tuple[Path, int]] = []
        self._threads: list[Thread] = []
        self._beginnings: list[bool] = []
        self._changed = Event()
        self._stop = Event()
        self._failure: Exception | None = None
        self.follow(directories)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._end()

    def wait(self, timeout_s: float) -> bool:
        """Tell whether something may have changed since the last wait that told so.

        Raises:
            HarnessError: this machine lets nobody watch these files.

        """
        changed = self._changed.wait(timeout_s)
        self._changed.clear()
        if self._failure:
            raise HarnessError(f"files cannot be watched: {self._failure}")
        return changed

    def follow(self, directories: Sequence[Path]) -> None:
        """Watch these directories from now on; one that was made anew, anew."""
        wanted = sorted({path.absolute() for path in directories})
        present = [path for path in wanted if path.is_dir()]
        # Files by their folder: one that is replaced is another file to the system.
        above = {self._template.parent, *map(_nearest, set(wanted) - set(present))}
        watched = [(path, path.stat().st_ino) for path in [*sorted(above), *present]]
        if (wanted, watched) == (self._wanted, self._watched):
            return
        self._end()
        self._wanted, self._watched, self._stop = wanted, watched, Event()
        # One for each thread: whoever takes the last knows that all of them watch.
        self._beginnings = [True, False] if present else [True]
        self._start(sorted(above), self._is_above, recursive=False)
        if present:
            self._start(present, self._is_code, recursive=True)

    def _start(
        self,
        paths: Sequence[Path],
        counts: Callable[[Change, str], bool],
        *,
        recursive: bool,
    ) -> None:
        changes = watch(
            *paths,
            watch_filter=counts,
            recursive=recursive,
            debounce=LONGEST_MS,
            step=STEP_MS,
            rust_timeout=self._stop_ms,
            yield_on_timeout=True,
            stop_event=self._stop,
            ignore_permission_denied=True,
        )
        thread = Thread(target=self._listen, args=[changes], daemon=True)
        thread.start()
        self._threads.append(thread)

    def _listen(self, changes: Iterator[object]) -> None:
        try:
            for number, change in enumerate(changes):
                # Even when it is empty: now all is watched, and what happened before
                # is unknown.
                all_began = number == 0 and self._beginnings.pop()
                if change or all_began:
                    self._changed.set()
        except FileNotFoundError:  # gone again: what is above it tells when it is back
            self._watched = []
            self._changed.set()
        except (OSError, RuntimeError) as error:
            self._failure = error
            self._changed.set()

    def _end(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._threads = []

    def _is_above(self, _change: Change, name: str) -> bool:
        path = Path(name)
        return path == self._template or any(
            wanted.is_relative_to(path) for wanted in self._wanted
        )

    def _is_code(self, _change: Change, name: str) -> bool:
        path = Path(name)
        return any(
            path.is_relative_to(wanted) and sources.counts(path.relative_to(wanted))
            for wanted in self._wanted
        )


def _nearest(missing: Path) -> Path:
    """Return the nearest folder above that is there."""
    return next(folder for folder in missing.parents if folder.is_dir())
