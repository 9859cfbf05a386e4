"""What is on disk of a LocalStack that outlives the runs which use it.

In one directory: ``state.json`` (which LocalStack this is; its keeper ends when that is
gone), ``lock`` (held while somebody looks and decides), ``keeper.lock`` (held by the
keeper as long as it lives) and ``runs/<account>`` (held by a run as long as it lives).
Locks are the kernel's: whoever is killed lets go of them.
"""

import fcntl
import hashlib
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from harness.emulator import plugin_site
from harness.environments import CACHE, LOCKS

HOME = CACHE / "kept"
_STATE = "state.json"


@dataclass(frozen=True, slots=True)
class State:
    """One kept LocalStack; ``key`` says what it was made of, ``since`` when (UTC)."""

    pid: int
    endpoint_url: str
    region: str
    description: str
    log: str
    key: str
    since: str


def read(home: Path) -> State | None:
    """Return the LocalStack that is kept, if any; it may have died since."""
    try:
        return State(**json.loads((home / _STATE).read_text()))
    except (OSError, ValueError, TypeError):
        return None


def write(home: Path, state: State) -> None:
    """Let others find a LocalStack."""
    draft = home / f"{_STATE}.{os.getpid()}"
    draft.write_text(json.dumps(asdict(state)))
    draft.replace(home / _STATE)


def forget(home: Path) -> None:
    """Let nobody find it any more, and its keeper end."""
    (home / _STATE).unlink(missing_ok=True)


@contextmanager
def deciding(home: Path) -> Iterator[None]:
    """Keep others from starting, taking or ending a LocalStack meanwhile."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        yield


def hold(path: Path) -> IO[str] | None:
    """Return a file that is locked until it is closed; None: another has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def is_held(path: Path) -> bool:
    """Tell whether a process has the lock of a file."""
    file = hold(path)
    if file:
        file.close()
    return file is None


def keeper_lock(home: Path) -> Path:
    """Return the file that the keeper holds."""
    return home / "keeper.lock"


def runs(home: Path) -> list[Path]:
    """Return the files of the runs that began and are not cleaned up after."""
    with suppress(OSError):
        return sorted((home / "runs").iterdir())
    return []


def key() -> str:
    """Hash what a LocalStack of today is made of: plugin, flags, libraries."""
    digest = hashlib.sha256(sys.version.encode())
    folders = [*plugin_site.PACKAGES, "emulator"]
    sources = [plugin_site.HARNESS / name for name in plugin_site.MODULES]
    sources += [
        file
        for folder in folders
        for file in sorted((plugin_site.HARNESS / folder).rglob("*"))
        if file.suffix in {".py", ".txt"}
    ]
    locks = [LOCKS / f"{name}.txt" for name in ("localstack", "lambda-runtime")]
    for file in [*sources, *locks]:
        digest.update(f"\0{file}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
