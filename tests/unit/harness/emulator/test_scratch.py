"""Where a LocalStack's files are kept."""

import os
import shutil
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from harness.emulator import scratch


def made(memory: Path) -> Path:
    """Make a directory, and remove it; returns where it was."""
    directory = scratch.make("localstack-", memory)
    directory.rmdir()
    return directory.parent


def given(monkeypatch: pytest.MonkeyPatch, *, free: int, flags: int = 0) -> None:
    """Let file systems have so many bytes free, and these flags."""
    usage = SimpleNamespace(free=free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    monkeypatch.setattr(os, "statvfs", lambda _path: SimpleNamespace(f_flag=flags))


def test_it_is_in_memory_where_there_is_room(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """For the code of some functions, and what tests put into buckets."""
    given(monkeypatch, free=2 << 30)

    assert made(tmp_path) == tmp_path


@pytest.mark.parametrize(
    ("free", "flags"), [((2 << 30) - 1, 0), (1 << 40, os.ST_NOEXEC)]
)
def test_it_is_on_the_disk_where_there_is_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free: int, flags: int
) -> None:
    """Containers have 64 MB; some systems load no libraries from it."""
    given(monkeypatch, free=free, flags=flags)

    assert made(tmp_path) == Path(tempfile.gettempdir())


def test_it_is_on_the_disk_where_there_is_no_such_memory(tmp_path: Path) -> None:
    """On macOS, for example."""
    assert made(tmp_path / "none") == Path(tempfile.gettempdir())
