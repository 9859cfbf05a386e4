"""``sam-harness``: what a user's mistake looks like."""

from pathlib import Path

import pytest

from sam_harness.cli import COMMANDS, main

MISSING_CODE = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Fn: {Type: AWS::Serverless::Function, Properties: {CodeUri: nowhere/}}
"""


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """--help lists the commands and succeeds."""
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])

    shown = capsys.readouterr().out
    assert all(command in shown for command in COMMANDS)


def test_a_call_without_a_command_shows_the_list(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """On the error output, with the status of a wrong call."""
    assert main([]) == 2

    shown = capsys.readouterr().err
    assert all(command in shown for command in COMMANDS)


def test_an_unknown_command_is_a_usage_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It ends with 2 and the list."""
    with pytest.raises(SystemExit, match="2"):
        main(["depoly"])

    shown = capsys.readouterr().err
    assert all(command in shown for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_its_own_help(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """It begins with the command's name."""
    with pytest.raises(SystemExit, match="0"):
        main([command, "--help"])

    assert capsys.readouterr().out.startswith(f"usage: sam-harness {command} ")


def test_an_option_that_a_command_has_not_is_a_usage_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Only `deploy` hands on what it does not know."""
    with pytest.raises(SystemExit, match="2"):
        main(["package", "template.yaml", "--guided"])

    assert "unrecognized arguments: --guided" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "status", "said"),
    [
        (None, 2, "template.yaml: cannot read it"),
        ("Resources: [", 1, "template.yaml:2:1: "),
        ("Description: nothing\n", 1, "no Resources"),
        (MISSING_CODE, 2, "Fn: no such directory"),
    ],
    ids=["missing", "invalid YAML", "no template", "missing code"],
)
def test_a_broken_template_gets_one_message_that_names_it(
    text: str | None,
    status: int,
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Missing or broken templates: one line, the right status, no traceback."""
    template = tmp_path / "template.yaml"
    if text is not None:
        template.write_text(text)

    assert main(["package", str(template)]) == status

    shown = capsys.readouterr()
    assert said in shown.err
    assert "Traceback" not in shown.err
    assert shown.out == ""
