"""Which rules are for whose templates."""

from pathlib import Path

import pytest

from sam_harness import project
from sam_harness.cli import main

FIXTURES = Path(__file__).parent / "fixtures"
A_STYLE, A_DEFECT = FIXTURES / "E9004-bad.yaml", FIXTURES / "E9001-bad.yaml"
SAID = "[tool.sam-harness]\npolicy-profile = 'strict'\n"


@pytest.mark.parametrize(
    ("template", "settings", "given", "status"),
    [
        (A_STYLE, "", [], 0),
        (A_STYLE, SAID, [], 1),
        (A_STYLE, "", ["--profile", "strict"], 1),
        (A_STYLE, SAID, ["--profile", "default"], 0),
        (A_DEFECT, "", [], 1),
        (A_DEFECT, SAID, [], 1),
    ],
)
def test_a_house_style_is_checked_where_it_is_asked_for(
    tmp_path: Path, template: Path, settings: str, given: list[str], status: int
) -> None:
    """A function that is not traced; an action that is a whole service always."""
    (tmp_path / "pyproject.toml").write_text(settings)
    project.work_on(tmp_path)

    assert main(["policy", str(template), *given]) == status
