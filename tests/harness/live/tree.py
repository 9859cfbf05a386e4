"""What a template and its code say at one moment, and what differs from then."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness import sources

NAMED = 3  # changed files named one by one; of more there is the number


@dataclass(frozen=True, slots=True)
class Tree:
    """Path -> what the file holds, as a digest."""

    files: Mapping[Path, str]


def read(template: Path, directories: Iterable[Path]) -> Tree:
    """Read a template and code directories; what is not there is not in the tree."""
    paths = [template] + [
        directory / file
        for directory in sorted(set(directories))
        for file in sources.files(directory)
    ]
    found = ((path, _digest(path)) for path in paths)
    return Tree({path: digest for path, digest in found if digest})


def difference(before: Tree, after: Tree, root: Path) -> str:
    """Name what changed, relative to ``root``: ``a.py, b.py (new), c.py (deleted)``."""
    was, now = before.files, after.files
    changed = sorted(
        path for path in was.keys() | now.keys() if was.get(path) != now.get(path)
    )
    named = [_named(path, was, now, root) for path in changed[:NAMED]]
    more = f" and {len(changed) - NAMED} more" if len(changed) > NAMED else ""
    return ", ".join(named) + more


def _named(
    path: Path, was: Mapping[Path, str], now: Mapping[Path, str], root: Path
) -> str:
    name = path.relative_to(root) if path.is_relative_to(root) else path
    how = (
        "" if path in was and path in now else " (new)" if path in now else " (deleted)"
    )
    return f"{name}{how}"


def _digest(path: Path) -> str | None:
    try:
        content = path.read_bytes()
        mode = path.stat().st_mode & 0o111
    except OSError:  # gone between the listing and now
        return None
    return hashlib.sha256(content).hexdigest() + f" {mode}"
