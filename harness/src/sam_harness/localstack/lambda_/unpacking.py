"""One unpacked copy of each code archive, whatever number of functions it is of.

What an archive shares with the one before is linked, not unpacked again: new code
mostly comes with the dependencies of the code before it, a thousand files that then
need no writing.
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
_lock = Lock()

# Name, size, checksum and attributes of a file in an archive.
type Identity = tuple[str, int, int, int]


@dataclass(frozen=True, slots=True)
class Unpacked:
    """The directory that holds what an archive holds."""

    directory: Path
    files: frozenset[Identity]


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
    directory = home / name
    if not directory.exists():
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".draft-", dir=home) as scratch:
            archive, draft = Path(scratch) / "code.zip", Path(scratch) / "code"
            with archive.open("wb") as target:
                download(target)
            files = unpack(archive, draft, _last[-1] if _last else None)
            draft.rename(directory)
        _last[:] = [Unpacked(directory, files)]
    return directory


def unpack(
    archive: Path, directory: Path, earlier: Unpacked | None = None
) -> frozenset[Identity]:
    """Unpack ``archive`` into ``directory``, which does not exist yet.

    Raises:
        zipfile.BadZipFile: it is no archive, or a file's checksum is another.

    """
    directory.mkdir(parents=True)
    with ZipFile(archive) as zipped:
        made = {""}
        for entry in zipped.infolist():
            folder = entry.filename.rpartition("/")[0]
            if folder not in made:
                (directory / folder).mkdir(MODE, parents=True, exist_ok=True)
                made.add(folder)
            if earlier and _is_shared(entry, earlier):
                name = entry.filename
                os.link(f"{earlier.directory}/{name}", f"{directory}/{name}")
            else:
                _write(zipped, entry, directory)
        return frozenset(map(_identity, zipped.infolist()))


def _write(zipped: ZipFile, entry: ZipInfo, directory: Path) -> None:
    place = Path(zipped.extract(entry, directory))
    mode = entry.external_attr >> 16
    if stat.S_ISLNK(mode):
        target = place.read_text()
        place.unlink()
        place.symlink_to(target)
    else:
        place.chmod(MODE)


def _is_shared(entry: ZipInfo, earlier: Unpacked) -> bool:
    return (
        _identity(entry) in earlier.files
        and ".." not in entry.filename
        and (earlier.directory / entry.filename).is_file(follow_symlinks=False)
    )


def _identity(entry: ZipInfo) -> Identity:
    return entry.filename, entry.file_size, entry.CRC, entry.external_attr
