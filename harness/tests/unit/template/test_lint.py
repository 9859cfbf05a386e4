"""A template that CloudFormation would refuse is refused at its line, once for all."""

import subprocess
from pathlib import Path

import pytest

from sam_harness import project
from sam_harness.errors import HarnessError
from sam_harness.template import lint
from sam_harness.template.document import load


def test_an_error_is_told_at_its_line(tmp_path: Path) -> None:
    """A misspelt property, an attribute and a resource that do not exist."""
    template = tmp_path / "template.yaml"
    template.write_text("""\
Resources:
  A:
    Type: AWS::SQS::Queue
    Properties:
      QueueNam: x
      VisibilityTimeout: !Ref Nothing
Outputs:
  Arn:
    Value: !GetAtt A.Arnn
""")

    told = sorted(lint.problems(load(template)))

    lines = [line.removeprefix(f"{template}:").partition(":")[0] for line in told]
    assert lines == ["5", "6", "9"]


def test_a_template_is_checked_once_for_its_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is wrong with it is told each time, what is right only asked once."""
    template = tmp_path / "template.yaml"
    template.write_text("Resources: {A: {Type: AWS::SQS::Queue}}")
    project.work_on(tmp_path)
    codes = [1, 1, 0]
    runs = []

    def run(command: list[str], **_options: object) -> object:
        runs.append(command)
        return subprocess.CompletedProcess(command, codes.pop(0), "wrong", "")

    monkeypatch.setattr(subprocess, "run", run)
    for _ in range(2):
        with pytest.raises(HarnessError, match="wrong"):
            lint.check(template)
    for _ in range(2):
        lint.check(template)

    assert len(runs) == 3
