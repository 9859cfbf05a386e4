"""Reading templates, and finding their lines again."""

from pathlib import Path

import pytest

from sam_harness.cli import main
from sam_harness.errors import HarnessError, UsageError
from sam_harness.template.document import load

TEMPLATE = """\
Resources:
  Table: &table
    Type: AWS::DynamoDB::Table
    Properties:
      Version: 2012-10-17
      Name: !If [Production, !Sub "${Stage}-orders", !GetAtt Other.Arn]
  Copy: *table
"""


def a_template(directory: Path, text: str = TEMPLATE, name: str = "t.yaml") -> Path:
    """Write a template file."""
    path = directory / name
    path.write_text(text)
    return path


def test_tags_become_the_functions_that_json_has(tmp_path: Path) -> None:
    """``!If`` and ``Fn::If`` are one thing to every reader."""
    properties = load(a_template(tmp_path))["Resources"]["Table"]["Properties"]

    assert properties["Name"] == {
        "Fn::If": [
            "Production",
            {"Fn::Sub": "${Stage}-orders"},
            {"Fn::GetAtt": ["Other", "Arn"]},
        ]
    }


def test_a_date_stays_text(tmp_path: Path) -> None:
    """Policy versions are often written without quotes."""
    properties = load(a_template(tmp_path))["Resources"]["Table"]["Properties"]

    assert properties["Version"] == "2012-10-17"


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 1),
        (("Resources", "Table"), 2),
        (("Resources", "Table", "Properties", "Name", "Fn::If", 1, "Fn::Sub"), 6),
        (("Resources", "Table", "Properties", "Missing"), 4),
        (("Resources", "Copy"), 7),
    ],
)
def test_a_path_has_the_line_of_its_deepest_part(
    tmp_path: Path, path: tuple[str | int, ...], line: int
) -> None:
    """What a file lacks is shown where it would go."""
    assert load(a_template(tmp_path)).position(*path).line == line


def test_json_may_indent_with_tabs(tmp_path: Path) -> None:
    """JSON templates are templates too."""
    text = '{\n\t"Resources": {\n\t\t"Q": {"Type": "AWS::SQS::Queue"}\n\t}\n}'

    document = load(a_template(tmp_path, text, "t.json"))

    assert document.position("Resources", "Q") == (3, 3)


def test_a_missing_file_is_a_wrong_call(tmp_path: Path) -> None:
    """The message names it."""
    with pytest.raises(UsageError, match=r"nowhere\.yaml: cannot read it: No such"):
        load(tmp_path / "nowhere.yaml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Resources:\n  A: [1\n  B: 2\n", r"t\.yaml:3:\d+: did not find expected"),
        ("Resources:\n  A: 1\n  A: 2\n", r"t\.yaml:3:3: duplicate key 'A'"),
        ("Resources: {A: {{name}}}\n", r"t\.yaml:1:\d+: found unhashable key"),
        ("Resources: {A: *b}\n", r"t\.yaml:1:16: found undefined alias"),
        ("- a list\n", r"t\.yaml:1:1: not a template"),
        ("Outputs: {}\n", r"t\.yaml:1:1: not a template"),
        ("Resources:\n  A: 1\n", r"t\.yaml:2:3: A: it is no mapping"),
        ("Resources:\n  A:\n", r"t\.yaml:2:3: A: it is no mapping"),
        ("Resources:\n  A: {Type: [B]}\n", r"t\.yaml:2:3: A: it has no Type"),
        ("Resources: {}\nOutputs: [A]\n", r"t\.yaml:2:1: Outputs: it is no mapping"),
        ("", r"t\.yaml:1:1: the file is empty"),
        ("Resources: \x07\n", r"t\.yaml:1:1: "),
    ],
)
def test_what_is_no_template_is_refused_at_its_line(
    tmp_path: Path, text: str, message: str
) -> None:
    """One line, that an editor can follow."""
    with pytest.raises(HarnessError, match=message):
        load(a_template(tmp_path, text))


@pytest.mark.parametrize(
    ("section", "line"),
    [
        ("Resources:\n  Fn::ForEach::Q: [N, [One], {}]\n", 1),
        ("Resources: {}\nOutputs:\n  Fn::ForEach::Q: [N, [One], {}]\n", 2),
        ("Resources: {}\nConditions:\n  Fn::ForEach::Q: [N, [One], {}]\n", 2),
        ("Resources:\n  A:\n    Type: T\n    B: [{Fn::ForEach::Q: []}]\n", 3),
    ],
)
def test_a_loop_is_refused_wherever_it_stands(
    tmp_path: Path, section: str, line: int
) -> None:
    """It may be among resources, outputs, conditions and properties."""
    text = f"Transform: AWS::LanguageExtensions\n{section}"

    with pytest.raises(HarnessError, match=rf"yaml:{line + 2}:.*Fn::ForEach::Q .* not"):
        load(a_template(tmp_path, text))


@pytest.mark.parametrize("command", ["policy", "package", "deploy", "up"])
def test_a_loop_is_refused_by_each_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    """In one line, before anything is built or started."""
    text = "Resources:\n  Fn::ForEach::Q: [N, [One], {Q: {Type: AWS::SQS::Queue}}]\n"

    assert main([command, str(a_template(tmp_path, text))]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert "t.yaml:2:3: Fn::ForEach::Q of AWS::LanguageExtensions" in line
