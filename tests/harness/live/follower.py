"""Brings every change of a template and its code live, or says why it cannot."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from botocore.exceptions import BotoCoreError, ClientError

from harness import sources
from harness.errors import HarnessError
from harness.live import tree
from harness.live.file_events import FileEvents
from harness.live.stack import Applied, DamagedError
from harness.template.document import load

REST_S = 0.04


@dataclass(frozen=True, slots=True)
class Outcome:
    """A change and what came of it; ``problem`` is empty when it went live.

    ``is_damaged``: what served before it does so no longer, or not all of it.
    """

    changed: str
    applied: Applied
    problem: str
    took_s: float
    is_damaged: bool = False


class Applies(Protocol):
    """What a follower needs of a live stack."""

    def apply(self, on_progress: Callable[[str], None]) -> Applied:
        """Bring live what the files say now; raises HarnessError where they can't."""


class Events(Protocol):
    """What a follower needs of file events, within their ``with`` block."""

    def wait(self, timeout_s: float) -> bool:
        """Tell whether something may have changed since the last time."""

    def follow(self, directories: Sequence[Path]) -> None:
        """Watch these directories from now on."""


type EventsOf = Callable[[Path, Sequence[Path]], AbstractContextManager[Events]]


class Follower:
    """Follows the files of one live stack."""

    def __init__(
        self,
        template: Path,
        stack: Applies,
        on_progress: Callable[[str], None],
        *,
        events_of: EventsOf = FileEvents,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._template = template.absolute()
        self._stack = stack
        self._on_progress = on_progress
        self._events_of = events_of
        self._pause = pause
        self._directories: list[Path] = []
        self._tried = tree.Tree({})
        self._is_first = True

    def outcomes(self, goes_on: Callable[[], bool], look_s: float) -> Iterator[Outcome]:
        """Yield what comes of each change; looks every ``look_s`` whether to go on."""
        self._directories = self._named()
        self._tried = tree.read(self._template, self._directories)
        with self._events_of(self._template, self._directories) as events:
            while goes_on():
                if events.wait(look_s):
                    outcome = self._look()
                    events.follow(self._directories)
                    if outcome:
                        yield outcome

    def _look(self) -> Outcome | None:
        began = time.monotonic()
        self._directories = self._named()
        before, self._tried = self._tried, self._at_rest()
        has_changed = self._tried != before
        if not (has_changed or self._is_first):
            return None
        applied, problem, is_damaged = self._apply()
        # The first look finds what changed while the stack was deployed; often nothing.
        is_news = has_changed or applied != Applied() or problem
        self._is_first = False
        if not is_news:
            return None
        changed = tree.difference(before, self._tried, self._template.parent)
        took_s = time.monotonic() - began
        return Outcome(changed, applied, problem, took_s, is_damaged)

    def _at_rest(self) -> tree.Tree:
        """Read the files once nobody writes: half a file would be a broken change."""
        now = tree.read(self._template, self._directories)
        while now != self._tried:
            last = now
            self._pause(REST_S)
            now = tree.read(self._template, self._directories)
            if now == last:
                break
        return now

    def _apply(self) -> tuple[Applied, str, bool]:
        try:
            return self._stack.apply(self._on_progress), "", False
        except (HarnessError, ClientError, BotoCoreError, OSError) as error:
            return Applied(), str(error), isinstance(error, DamagedError)

    def _named(self) -> list[Path]:
        """Return the template's code directories; while it is broken, the last ones."""
        try:
            return sources.directories(load(self._template))
        except HarnessError:
            return self._directories
