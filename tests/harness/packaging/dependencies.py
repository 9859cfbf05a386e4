"""Installed dependencies of built functions, kept by what they were installed from.

Only where the manifest decides what is installed, to the byte: every requirement with
a hash. What a full ``sam build`` made of one is taken out of it, finished, and serves
every later build with the same manifest.
"""

import csv
import hashlib
import importlib.util
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from harness import recipe
from harness.api_data import Calls
from harness.environments import CACHE, LOCKS

HOME = CACHE / "dependencies"
MANIFEST = "requirements.txt"
KEPT = 5  # in the cache; older ones are removed


@dataclass(frozen=True, slots=True)
class Wanted:
    """What decides a function's dependencies, besides the manifest in its code."""

    runtime: str
    architecture: str
    botocore_services: Calls


def key_of(code: Path, wanted: Wanted) -> str | None:
    """Return what names these dependencies; None: the manifest leaves them open."""
    manifest = code / MANIFEST
    text = manifest.read_text() if manifest.exists() else ""
    if not _is_locked(text):
        return None
    facts = json.dumps(
        [recipe.of(recipe.DEPENDENCIES), sys.version, wanted.runtime,
         wanted.architecture,
         {name: operations and sorted(operations)
          for name, operations in sorted(wanted.botocore_services.items())},
         text]
    )  # fmt: skip
    locked = (LOCKS / "sam.txt").read_bytes()
    return hashlib.sha256(facts.encode() + locked).hexdigest()[:16]


def directory(key: str) -> Path:
    """Return where these dependencies are, when they are kept."""
    return HOME / key / "code"


def kept(key: str) -> Path | None:
    """Return the directory of these dependencies; None: there is none yet."""
    if not directory(key).is_dir():
        return None
    os.utime(HOME / key)
    return directory(key)


def archive_path(key: str) -> Path:
    """Return where the zip of these dependencies belongs."""
    return HOME / key / "code.zip"


def keep(key: str, built: Path, sources: Sequence[PurePath]) -> bool:
    """Keep the finished dependencies of a built function; whether that was possible.

    It is not where the function's own code took the place of an installed file.
    """
    own = {*sources, *(_compiled(file) for file in sources)}
    if own & _installed(built):
        return False
    if kept(key):
        return True
    HOME.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=HOME))
    for file in (path for path in built.rglob("*") if path.is_file()):
        relative = file.relative_to(built)
        if relative not in own:
            place = draft / "code" / relative
            place.parent.mkdir(parents=True, exist_ok=True)
            os.link(file, place)
    (draft / "code").mkdir(exist_ok=True)
    try:
        draft.rename(HOME / key)
    except OSError:
        shutil.rmtree(draft)  # another process was first
    _forget_old()
    return True


def _is_locked(manifest: str) -> bool:
    lines = manifest.replace("\\\n", " ").splitlines()
    requirements = [line for line in lines if line.strip() and line.lstrip()[0] != "#"]
    return all(" --hash=" in line for line in requirements)


def _installed(built: Path) -> set[PurePath]:
    """Return the files that the installed distributions say are theirs."""
    owned = set()
    for record in built.glob("*.dist-info/RECORD"):
        with record.open(newline="") as lines:
            owned |= {PurePath(row[0]) for row in csv.reader(lines) if row}
    return owned


def _compiled(file: PurePath) -> PurePath:
    return PurePath(importlib.util.cache_from_source(str(file)))


def _forget_old() -> None:
    by_age = sorted(HOME.glob("[!.]*"), key=lambda path: path.stat().st_mtime)
    for path in by_age[:-KEPT]:
        shutil.rmtree(path, ignore_errors=True)
