"""Every command that a document names exists: make targets, tox environments, harness.

What the commands do is tried by the steps of `.ci/run`.
"""

import re
from pathlib import Path

import pytest

from workflows.commands import make_targets, tox_environments

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/*.md"),
        *ROOT.glob("harness/*.md"),
        *ROOT.glob("harness/docs/*.md"),
    ]
)
# In a code span or block; the text around them says "make" and "tox" in other ways.
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
MAKE = re.compile(r"(?:^|[`\n;&] *)make +([a-z-]+)")
TOX = re.compile(r"\btox (?:run )?(?:-q )?-e +([a-z0-9-]+(?:,[a-z0-9-]+)*)")
HARNESS = re.compile(r"\bsam-harness (?:-- )?([a-z]+)\b")


@pytest.mark.parametrize(
    "document", DOCUMENTS, ids=lambda file: file.relative_to(ROOT).as_posix()
)
def test_the_commands_of_a_document_exist(document: Path) -> None:
    """A renamed target, environment or command is renamed where it is explained."""
    code = "\n".join(CODE.findall(document.read_text(encoding="utf-8")))

    assert set(MAKE.findall(code)) <= make_targets()
    named = {name for names in TOX.findall(code) for name in names.split(",")}
    assert named <= tox_environments()
    assert set(HARNESS.findall(code)) <= harness_commands()


def test_the_documents_name_commands() -> None:
    """The patterns find something: a test of nothing would always pass."""
    text = "\n".join(file.read_text(encoding="utf-8") for file in DOCUMENTS)

    assert {"demo", "local", "watch", "test"} <= set(MAKE.findall(text))
    assert "e2e-rehearsal" in TOX.findall(text)
    assert "policy" in HARNESS.findall(text)


def harness_commands() -> set[str]:
    """Return the subcommands of sam-harness."""
    text = (ROOT / "harness" / "src" / "sam_harness" / "cli.py").read_text()
    return set(re.findall(r'^    "([a-z]+)": \(', text, re.MULTILINE))
