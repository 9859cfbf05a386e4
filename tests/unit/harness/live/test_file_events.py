"""Of which files it is told that they changed, by the system's own events."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.live.file_events import FileEvents

WITHIN_S = 10
QUIET_S = 0.1


@pytest.fixture
def code(tmp_path: Path) -> Path:
    """Return a module in a folder beside a template."""
    module = tmp_path / "src" / "app.py"
    module.parent.mkdir()
    module.write_text("x = 1")
    (tmp_path / "template.yaml").touch()
    return module


@pytest.fixture
def events(code: Path) -> Iterator[FileEvents]:
    """Yield what tells of their changes; by now it watches."""
    home = code.parent.parent
    with FileEvents(home / "template.yaml", [code.parent], stop_ms=5) as watching:
        assert watching.wait(WITHIN_S)  # by now: this is told, and only once
        yield watching


def test_a_file_that_is_moved_over_another_is_told(
    events: FileEvents, code: Path
) -> None:
    """Most editors save so; a template counts as well."""
    for file in (code, code.parent.parent / "template.yaml"):
        scratch = file.with_name(f"{file.name}~")
        scratch.write_text("x = 2")
        scratch.rename(file)

        assert events.wait(WITHIN_S)


def test_files_that_are_not_of_the_service_are_not_told_of(
    events: FileEvents, code: Path
) -> None:
    """Editors' files, caches, and what merely lies beside the template."""
    (code.parent / "__pycache__").mkdir()
    for name in (".app.py.swp", "app.py~", "__pycache__/app.pyc", "../notes.txt"):
        (code.parent / name).write_text("x")

    assert not events.wait(QUIET_S)


def test_what_changes_while_nobody_waits_is_told_once(
    events: FileEvents, code: Path
) -> None:
    """The next wait returns at once, however many changes there were."""
    for number in range(20):
        code.write_text(f"x = {number}")

    assert events.wait(WITHIN_S)
    while events.wait(QUIET_S):
        pass
    assert not events.wait(0)


def test_a_folder_that_goes_and_comes_back_is_followed_again(
    events: FileEvents, code: Path
) -> None:
    """As when another branch is checked out."""
    shutil.rmtree(code.parent)
    assert events.wait(WITHIN_S)
    events.follow([code.parent])

    code.parent.mkdir()
    assert events.wait(WITHIN_S)
    events.follow([code.parent])
    while events.wait(QUIET_S):
        pass
    code.write_text("x = 3")

    assert events.wait(WITHIN_S)
