"""What changed between two moments, as a user is told."""

from pathlib import Path

from service.follower import difference, read


def _service(home: Path) -> Path:
    (home / "src").mkdir()
    for name in ("a.py", "b.py"):
        (home / "src" / name).write_text("x = 1\n")
    (home / "template.yaml").write_text("Resources: {}\n")
    return home / "template.yaml"


def test_edited_new_deleted_and_renamed_files_are_named(tmp_path: Path) -> None:
    """By their place in the service; a renamed file is a deleted and a new one."""
    template = _service(tmp_path)
    before = read(template, [tmp_path / "src"])

    (tmp_path / "src" / "a.py").write_text("x = 2\n")
    (tmp_path / "src" / "b.py").rename(tmp_path / "src" / "c.py")
    after = read(template, [tmp_path / "src"])

    told = difference(before, after, tmp_path)
    assert told == "src/a.py, src/b.py (deleted), src/c.py (new)"


def test_of_many_files_the_first_are_named(tmp_path: Path) -> None:
    """A changed branch is told in one line."""
    template = _service(tmp_path)
    before = read(template, [tmp_path / "src"])
    for number in range(9):
        (tmp_path / "src" / f"{number}.py").touch()

    after = read(template, [tmp_path / "src"])

    told = difference(before, after, tmp_path)
    assert told == "src/0.py (new), src/1.py (new), src/2.py (new) and 6 more"


def test_what_is_missing_is_not_in_the_tree(tmp_path: Path) -> None:
    """A deleted template is a change like any other."""
    template = _service(tmp_path)
    before = read(template, [tmp_path / "src"])

    template.unlink()

    after = read(template, [tmp_path / "src", tmp_path / "gone"])
    assert difference(before, after, tmp_path) == "template.yaml (deleted)"


def test_a_file_that_was_saved_as_it_was_is_no_change(tmp_path: Path) -> None:
    """Nor is an editor's file beside it."""
    template = _service(tmp_path)
    before = read(template, [tmp_path / "src"])

    (tmp_path / "src" / "a.py").write_text("x = 1\n")
    (tmp_path / "src" / ".a.py.swp").write_text("an editor's")

    assert read(template, [tmp_path / "src"]) == before
