"""Code directories -> zips: equal code gives equal bytes, so it is uploaded once."""

import hashlib
import os
import zipfile
from pathlib import Path

from harness.package import Artefact

EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can name


def archives(artefact: Artefact) -> dict[str, Path]:
    """Return logical id -> zip of the function's code, named after its content.

    The zips are kept beside the artefact; functions with equal code share one.
    """
    home = artefact.template.parent
    made: dict[str, Path] = {}
    by_inode: dict[frozenset[tuple[str, int]], Path] = {}
    for function in sorted(path for path in home.iterdir() if path.is_dir()):
        files = sorted(path for path in function.rglob("*") if path.is_file())
        # Equal functions are hard links of one another: see bytecode.finish.
        identity = frozenset(
            (str(file.relative_to(function)), file.stat().st_ino) for file in files
        )
        if identity not in by_inode:
            by_inode[identity] = _archive(home, function, files)
        made[function.name] = by_inode[identity]
    return made


def _archive(home: Path, function: Path, files: list[Path]) -> Path:
    kept = home / f".{function.name}.zip-path"
    if kept.exists():
        return home / kept.read_text()
    scratch = home / f".{function.name}.{os.getpid()}.tmp"
    with zipfile.ZipFile(scratch, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for file in files:
            entry = zipfile.ZipInfo(str(file.relative_to(function)), EPOCH)
            entry.external_attr = (0o755 if os.access(file, os.X_OK) else 0o644) << 16
            target.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED, 1)
    archive = home / f"{hashlib.sha256(scratch.read_bytes()).hexdigest()[:16]}.zip"
    scratch.replace(archive)
    kept.write_text(archive.name)
    return archive
