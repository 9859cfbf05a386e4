"""What is unpacked of an archive, and what is only linked."""

import zipfile
from pathlib import Path

import pytest

from sam_harness.localstack.lambda_.unpacking import Unpacked, unpack

KEPT = {"lib/one.py": "x = 1\n" * 9_000, "lib/deep/two.py": "y = 2\n" * 9_000}


def _archive(path: Path, files: dict[str, str]) -> Path:
    # Stored: compressed, the changes of these tests would change every size as well.
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as target:
        for name, text in files.items():
            target.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), text)
    return path


def _content(directory: Path) -> dict[str, str]:
    return {
        str(path.relative_to(directory)): path.read_text()
        for path in directory.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def earlier(tmp_path: Path) -> Unpacked:
    """Return what was unpacked before."""
    archive = _archive(tmp_path / "before.zip", KEPT | {"app.py": "z = 1\n"})
    return Unpacked(tmp_path / "before", unpack(archive, tmp_path / "before"))


def test_what_two_archives_share_is_linked(tmp_path: Path, earlier: Unpacked) -> None:
    """The rest is what the new archive says, and the old copy stays what it was."""
    files = KEPT | {"app.py": "z = 2\n", "new.py": ""}
    unpack(_archive(tmp_path / "now.zip", files), tmp_path / "now", earlier)

    assert _content(tmp_path / "now") == files
    assert _content(earlier.directory)["app.py"] == "z = 1\n"
    for name, is_shared in {"lib/one.py": True, "app.py": False}.items():
        now, before = tmp_path / "now" / name, earlier.directory / name
        assert now.samefile(before) == is_shared
        assert now.stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize(
    "files",
    [
        KEPT | {"lib/one.py": "x = 3\n" * 9_000},
        {"app.py": "z = 1\n", **KEPT},
        {"app.py": "z = 1\n"},
    ],
    ids=["same size", "moved", "gone"],
)
def test_what_differs_is_unpacked(
    files: dict[str, str], tmp_path: Path, earlier: Unpacked
) -> None:
    """Whatever names, sizes and places it has in common with what was before."""
    unpack(_archive(tmp_path / "now.zip", files), tmp_path / "now", earlier)

    assert _content(tmp_path / "now") == files
