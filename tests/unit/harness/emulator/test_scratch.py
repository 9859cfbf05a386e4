"""Where a LocalStack's files are kept."""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from harness.emulator import scratch

ENOUGH = 2 << 30


def made(memory: Path | None) -> Path:
    """Make a directory, and remove it; returns where it was."""
    directory = scratch.make("localstack-", memory)
    directory.rmdir()
    return directory.parent


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., None]:
    """Return what gives file systems and the machine so many bytes."""

    def give(*, free: int = ENOUGH, available: int = ENOUGH, flags: int = 0) -> None:
        usage, flags_ = SimpleNamespace(free=free), SimpleNamespace(f_flag=flags)
        monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
        monkeypatch.setattr(os, "statvfs", lambda _path: flags_)
        monkeypatch.setattr(scratch, "MEMINFO", tmp_path / "meminfo")
        text = f"MemTotal: 9 kB\nMemAvailable: {available >> 10} kB\n"
        scratch.MEMINFO.write_text(text)

    return give


def test_it_is_in_memory_where_there_is_room(
    given: Callable[..., None], tmp_path: Path
) -> None:
    """For the code of some functions, and what tests put into buckets."""
    given()

    assert made(tmp_path) == tmp_path


@pytest.mark.parametrize(
    "lack",
    [{"free": ENOUGH - 1}, {"available": ENOUGH - 1024}, {"flags": os.ST_NOEXEC}],
    ids=["room", "memory", "libraries"],
)
def test_it_is_on_the_disk_where_there_is_not(
    given: Callable[..., None], tmp_path: Path, lack: dict[str, int]
) -> None:
    """Containers have 64 MB; some systems load no libraries from it."""
    given(**lack)

    assert made(tmp_path) == Path(tempfile.gettempdir())


def test_it_is_on_the_disk_where_there_is_no_such_memory(
    given: Callable[..., None], tmp_path: Path
) -> None:
    """On macOS, for example; or this user may not write there; or nobody wants it."""
    given()

    assert made(tmp_path / "none") == made(None) == Path(tempfile.gettempdir())
