"""Brings every change of a template and its code live, or says why it cannot.

The files are read several times a second: a service has few, and reading them is the
same on every system.
"""

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from botocore.exceptions import BotoCoreError, ClientError

from sam_harness.errors import HarnessError
from sam_harness.packaging import sources
from sam_harness.template.document import load
from service.live_stack import Applied, DamagedError

LOOK_S = 0.25
REST_S = 0.04
NAMED = 3  # changed files named one by one; of more there is the number


# What a template and its code say at one moment: path -> content, as a digest.
type Tree = Mapping[Path, str]


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


class Follower:
    """Follows the files of one live stack."""

    def __init__(
        self,
        template: Path,
        stack: Applies,
        on_progress: Callable[[str], None],
        *,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._template = template.absolute()
        self._stack = stack
        self._on_progress = on_progress
        self._pause = pause
        self._directories: list[Path] = []
        self._tried: Tree = {}
        self._is_first = True

    def outcomes(self, goes_on: Callable[[], bool]) -> Iterator[Outcome]:
        """Yield what comes of each change, for as long as ``goes_on`` says so."""
        self._directories = self._named()
        self._tried = read(self._template, self._directories)
        while goes_on():
            if outcome := self._look():
                yield outcome
            self._pause(LOOK_S)

    def _look(self) -> Outcome | None:
        began = time.monotonic()
        now = read(self._template, self._directories)
        if now == self._tried and not self._is_first:
            return None
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
        changed = difference(before, self._tried, self._template.parent)
        took_s = time.monotonic() - began
        return Outcome(changed, applied, problem, took_s, is_damaged)

    def _at_rest(self) -> Tree:
        """Read the files at rest: half a file would be a broken change."""
        now = read(self._template, self._directories)
        while now != self._tried:
            last = now
            self._pause(REST_S)
            now = read(self._template, self._directories)
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


def read(template: Path, directories: Iterable[Path]) -> Tree:
    """Read a template and code directories; what is not there is not in the tree."""
    paths = [template] + [
        directory / file
        for directory in sorted(set(directories))
        for file in sources.files(directory)
    ]
    found = ((path, _digest(path)) for path in paths)
    return {path: digest for path, digest in found if digest}


def difference(before: Tree, after: Tree, root: Path) -> str:
    """Name what changed, relative to ``root``: ``a.py, b.py (new), c.py (deleted)``."""
    changed = sorted(
        path
        for path in before.keys() | after.keys()
        if before.get(path) != after.get(path)
    )
    named = [_name(path, before, after, root) for path in changed[:NAMED]]
    more = f" and {len(changed) - NAMED} more" if len(changed) > NAMED else ""
    return ", ".join(named) + more


def _name(path: Path, before: Tree, after: Tree, root: Path) -> str:
    name = path.relative_to(root) if path.is_relative_to(root) else path
    if path not in after:
        return f"{name} (deleted)"
    return f"{name}" if path in before else f"{name} (new)"


def _digest(path: Path) -> str | None:
    try:
        content = path.read_bytes()
        mode = path.stat().st_mode & 0o111
    except OSError:  # gone between the listing and now
        return None
    return hashlib.sha256(content).hexdigest() + f" {mode}"
