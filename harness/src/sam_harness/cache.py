"""What is expensive to make is made once for its content, and kept.

An entry is a directory with the content's key in its name. It counts once it is marked
as ready, so a process that is killed while it makes one leaves nothing that looks
whole. Several processes may ask for the same entry at once: one makes it.
"""

import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

_READY = ".ready"
# An entry that was asked for in this time may still be read: it is not removed.
IN_USE_S = 10 * 60


def key_of(*facts: bytes | str) -> str:
    """Return the key of what is made from ``facts``, which are told apart."""
    digest = hashlib.sha256()
    for fact in facts:
        content = fact.encode() if isinstance(fact, str) else fact
        digest.update(f"{len(content)}:".encode())
        digest.update(content)
    return digest.hexdigest()[:16]


@cache  # what runs was read at the start: later edits are not part of it
def recipe(package: Path) -> str:
    """Return the key of a package's modules: a changed step makes its results anew."""
    modules = sorted(package.glob("*.py"))
    return key_of(*(module.read_bytes() for module in modules))


def is_made(entry: Path) -> bool:
    """Tell whether an entry is ready; one that is asked for is not removed soon."""
    if not (entry / _READY).exists():
        return False
    with suppress(OSError):  # another user's, perhaps
        os.utime(entry)
    return True


def made_once(entry: Path, make: Callable[[Path], None]) -> Path:
    """Return ``entry``, after ``make(entry)`` unless that has succeeded before.

    ``make`` finds no such directory, and makes it. Where it raises, nothing is kept.
    """
    if is_made(entry):
        return entry
    entry.parent.mkdir(parents=True, exist_ok=True)
    with entry.with_name(f"{entry.name}.lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if not is_made(entry):
            shutil.rmtree(entry, ignore_errors=True)
            make(entry)
            (entry / _READY).touch()
    return entry


def forget_old(home: Path, *, kept: int) -> None:
    """Remove the entries in ``home`` that were asked for least recently.

    The ``kept`` newest stay, and all that may be in use.
    """
    asked_for = {}
    for ready in home.glob(f"*/{_READY}"):
        with suppress(FileNotFoundError):  # another process removes it
            asked_for[ready.parent] = ready.parent.stat().st_mtime
    newest_first = sorted(asked_for, key=lambda entry: asked_for[entry], reverse=True)
    for entry in newest_first[kept:]:
        if time.time() - asked_for[entry] >= IN_USE_S:
            # Under another name at once: half an entry must not look like a whole one.
            # Its lock file stays: without it two processes could make the entry anew.
            with suppress(OSError):
                entry.rename(home / f".old-{entry.name}")
    for old in home.glob(".old-*"):
        shutil.rmtree(old, ignore_errors=True)
