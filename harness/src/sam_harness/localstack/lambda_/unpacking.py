"""One unpacked copy of each code archive, whatever number of functions it is of.

What an archive shares with the one before is linked, not unpacked again: new code
mostly comes with the dependencies of the code before it, and its archive then begins
with the same bytes: a thousand files that need neither reading nor writing.
"""

import os
import stat
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import IO
from zipfile import ZipFile, ZipInfo

MODE = 0o755
_CHUNK_BYTES = 1 << 14
_lock = Lock()


@dataclass(frozen=True, slots=True)
class Unpacked:
    """An archive, and the directory that holds what it holds."""

    archive: Path
    directory: Path


_last: list[Unpacked] = []


def link(location: Path, code: str, download: Callable[[IO[bytes]], object]) -> None:
    """Have ``location`` be a link to the one unpacked copy of ``code``, a checksum.

    ``download`` writes the archive, where it is not unpacked yet.
    """
    with _lock:
        if location.exists():
            return
        location.parent.mkdir(parents=True, exist_ok=True)
        # LocalStack removes it by its parent, which leaves what a link points to.
        unpacked = _unpacked(code.replace("/", "_"), download)
        location.symlink_to(unpacked, target_is_directory=True)


def _unpacked(name: str, download: Callable[[IO[bytes]], object]) -> Path:
    home = Path(tempfile.gettempdir()) / "lambda" / "unpacked"
    kept = Unpacked(home / f"{name}.zip", home / name)
    if not kept.directory.exists():
        home.mkdir(parents=True, exist_ok=True)
        with kept.archive.open("wb") as archive:
            download(archive)
        with tempfile.TemporaryDirectory(prefix=".draft-", dir=home) as scratch:
            draft = Path(scratch) / "code"
            unpack(kept.archive, draft, _last[-1] if _last else None)
            draft.rename(kept.directory)
        for before in _last:
            before.archive.unlink(missing_ok=True)
        _last[:] = [kept]
    return kept.directory


def unpack(archive: Path, directory: Path, earlier: Unpacked | None = None) -> None:
    """Unpack ``archive`` into ``directory``, which does not exist yet.

    Raises:
        zipfile.BadZipFile: it is no archive, or a file's checksum is another.

    """
    directory.mkdir(parents=True)
    with ZipFile(archive) as zipped:
        entries = zipped.infolist()
        shared = _shared(archive, zipped, earlier) if earlier else set()
        made = {""}
        for entry in entries:
            folder = entry.filename.rpartition("/")[0]
            if folder not in made:
                (directory / folder).mkdir(MODE, parents=True, exist_ok=True)
                made.add(folder)
            if earlier and entry.filename in shared:
                name = entry.filename
                os.link(f"{earlier.directory}/{name}", f"{directory}/{name}")
            else:
                _write(zipped, entry, directory)


def _write(zipped: ZipFile, entry: ZipInfo, directory: Path) -> None:
    place = Path(zipped.extract(entry, directory))
    mode = entry.external_attr >> 16
    if stat.S_ISLNK(mode):
        target = place.read_text()
        place.unlink()
        place.symlink_to(target)
    else:
        place.chmod(MODE)


def _shared(archive: Path, zipped: ZipFile, earlier: Unpacked) -> set[str]:
    """Return the names of the files whose bytes both archives hold at one place."""
    with ZipFile(earlier.archive) as before:
        known = {entry.filename: _identity(entry) for entry in before.infolist()}
    same_bytes = _common_beginning(archive, earlier.archive)
    by_place = sorted(zipped.infolist(), key=lambda entry: entry.header_offset)
    ends = [entry.header_offset for entry in by_place[1:]] + [zipped.start_dir]
    return {
        entry.filename
        for entry, end in zip(by_place, ends, strict=True)
        if end <= same_bytes
        and ".." not in entry.filename
        and known.get(entry.filename) == _identity(entry)
        and (earlier.directory / entry.filename).is_file(follow_symlinks=False)
    }


def _identity(entry: ZipInfo) -> tuple[int, int, int, int, int]:
    return (
        entry.header_offset,
        entry.compress_size,
        entry.file_size,
        entry.CRC,
        entry.external_attr,
    )


def _common_beginning(one: Path, other: Path) -> int:
    """Return how many bytes two files begin with that are the same, by whole chunks."""
    same = 0
    with one.open("rb") as first, other.open("rb") as second:
        while (chunk := first.read(_CHUNK_BYTES)) == second.read(_CHUNK_BYTES):
            if not chunk:
                break
            same += len(chunk)
    return same
