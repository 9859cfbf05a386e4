"""A deployment of what was built before, and of nothing else."""

from pathlib import Path

import pytest

from sam_harness import project
from sam_harness.cli import main


def test_a_deploy_job_refuses_to_build(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What was tested is not there: something else would be deployed."""
    monkeypatch.setattr(project, "_current", project.find(tmp_path))
    template = tmp_path / "template.yaml"
    template.write_text("Resources: {Jobs: {Type: AWS::SQS::Queue}}\n")

    status = main(["deploy", str(template), "--built", "--stack-name", "s"])

    assert status == 1
    assert "there is no artefact of" in capsys.readouterr().err
    assert not list(tmp_path.glob(".harness/build/*/*"))


def test_a_stage_and_overrides_are_not_given_together(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One of them would win, and the other be forgotten."""
    status = main(
        ["deploy", str(tmp_path / "template.yaml"), "--stage", str(tmp_path / "s.yaml"),
         "--parameter-overrides", "A=b"]
    )  # fmt: skip

    assert status == 2
    assert "no --parameter-overrides" in capsys.readouterr().err
