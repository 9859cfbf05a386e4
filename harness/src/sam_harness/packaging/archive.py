"""Code directories -> zips: equal code gives equal bytes, so it is uploaded once."""

import hashlib
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path

from sam_harness.packaging.build import Artefact

EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can name


def archives(artefact: Artefact) -> dict[str, Path]:
    """Return logical id -> zip of the function's code, named after its content.

    The zips are kept beside the artefact; functions with equal code share one.
    """
    home = artefact.template.parent
    made: dict[str, Path] = {}
    by_inodes: dict[frozenset[tuple[str, int]], Path] = {}
    for function in sorted(path for path in home.iterdir() if path.is_dir()):
        inodes = _inodes(function)
        # Equal functions are hard links of one another: see build.
        identity = frozenset(inodes.items())
        if identity not in by_inodes:
            by_inodes[identity] = _archive(home, function, sorted(inodes))
        made[function.name] = by_inodes[identity]
    return made


def _inodes(function: Path) -> dict[str, int]:
    """Return each file's inode by its relative path: thousands, so without Path."""
    beginning = len(f"{function}/")
    return {
        file.path[beginning:]: file.inode()
        for folder, _, _ in os.walk(function)
        for file in os.scandir(folder)
        if file.is_file()
    }


def _archive(home: Path, function: Path, files: Sequence[str]) -> Path:
    kept = home / f".{function.name}.zip-path"
    if kept.exists():
        return home / kept.read_text()
    scratch = home / f".{function.name}.{os.getpid()}.tmp"
    with zipfile.ZipFile(scratch, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for file in files:
            path = function / file
            entry = zipfile.ZipInfo(file, EPOCH)
            entry.external_attr = (0o755 if os.access(path, os.X_OK) else 0o644) << 16
            target.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, 1)
    archive = home / f"{hashlib.sha256(scratch.read_bytes()).hexdigest()[:16]}.zip"
    scratch.replace(archive)
    kept.write_text(archive.name)
    return archive
