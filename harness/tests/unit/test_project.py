"""Where a project's template, cache and reports are."""

from pathlib import Path

import pytest

from sam_harness import project
from sam_harness.errors import UsageError


def test_a_folder_without_settings_is_a_project_with_the_defaults(
    tmp_path: Path,
) -> None:
    """A SAM project that has never heard of the harness needs no file of ours."""
    found = project.find(tmp_path)

    assert found.root == tmp_path
    assert found.template == tmp_path / "template.yaml"
    assert found.cache == tmp_path / ".harness"
    assert found.reports == tmp_path / "reports"
    assert found.access_matrix is None


def test_a_command_may_have_other_defaults(tmp_path: Path) -> None:
    """Only for a project that says nothing itself."""
    otherwise = {"cache": "/elsewhere"}

    assert project.find(tmp_path, otherwise).cache == Path("/elsewhere")
    (tmp_path / "pyproject.toml").write_text("[tool.sam-harness]\n")
    assert project.find(tmp_path, otherwise).cache == tmp_path / ".harness"


def test_the_nearest_settings_above_a_folder_count(tmp_path: Path) -> None:
    """Also past a pyproject.toml that says nothing to the harness."""
    inner = tmp_path / "tests" / "deep"
    inner.mkdir(parents=True)
    (tmp_path / "tests" / "pyproject.toml").write_text("[tool.other]\n")
    (tmp_path / "pyproject.toml").write_text(
        '[tool.sam-harness]\ntemplate = "stacks/api.yaml"\naccess-matrix = "who.yaml"\n'
    )

    found = project.find(inner)

    assert found.root == tmp_path
    assert found.template == tmp_path / "stacks" / "api.yaml"
    assert found.access_matrix == tmp_path / "who.yaml"
    assert found.cache == tmp_path / ".harness"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[tool.sam-harness]\ntempalte = 'x'", "knows no 'tempalte', only template,"),
        ("[tool.sam-harness]\nallow-unproven = 'x'", "is no list of texts"),
        ("[tool.sam-harness]\ncache = 1", "cache of [tool.sam-harness] is no text"),
        ("[tool.sam-harness]\npolicy-profile = 'mild'", "is none of default, strict"),
        ("[tool", "pyproject.toml: "),
    ],
)
def test_settings_that_are_wrong_are_told(tmp_path: Path, text: str, said: str) -> None:
    """A misspelt name would else be a default in silence."""
    (tmp_path / "pyproject.toml").write_text(text)

    with pytest.raises(UsageError) as wrong:
        project.find(tmp_path)

    assert said in str(wrong.value)


def test_a_process_works_on_the_project_that_it_was_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pytest's root counts, wherever it is called from."""
    monkeypatch.setattr(project, "_current", None)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other").mkdir()
    assert project.current().root == tmp_path

    project.work_on(tmp_path / "other")

    assert project.current().root == tmp_path / "other"
