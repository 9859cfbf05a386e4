"""A deployment of what was built before, and of nothing else."""

from pathlib import Path

import pytest

from sam_harness import project
from sam_harness.cli import main
from sam_harness.deploying import command
from sam_harness.packaging.build import Artefact
from sam_harness.template.document import load


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


def test_the_deployed_template_says_what_the_file_has_passed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It lies beside the built one, and only while SAM reads it."""
    built = tmp_path / "built.yaml"
    built.write_text(
        "Parameters: {Level: {Type: String}}\n"
        "Resources: {Jobs: {Type: AWS::SQS::Queue}}\n"
    )
    stage = tmp_path / "stage.yaml"
    stage.write_text("Level: DEBUG\n")
    sam = tmp_path / "bin" / "sam"
    sam.parent.mkdir()
    sam.write_text(f'#!/bin/sh\ncp "$3" {tmp_path}/deployed; dirname "$3"\n')
    sam.chmod(0o755)
    monkeypatch.setattr(command, "build", lambda *_: Artefact("key", built))
    monkeypatch.setattr(command, "python_of", lambda _: sam.with_name("python"))

    status = main(["deploy", str(built), "--stage", str(stage)])

    deployed = load(tmp_path / "deployed")
    assert status == 0
    assert deployed["Metadata"] == {"Harness": {"Passed": {"Level": "DEBUG"}}}
    assert deployed["Resources"] == load(built)["Resources"]
    assert sorted(one.name for one in tmp_path.glob("*.yaml")) == [
        "built.yaml", "stage.yaml"
    ]  # fmt: skip


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


@pytest.mark.parametrize(
    ("others", "stack"),
    [
        ([], "by-default"),
        (["--config-env", "test"], "of-test"),
        (["--config-env=test", "--no-confirm-changeset"], "of-test"),
        (["--config-env", "unknown"], None),
        (["--stack-name", "named", "--config-env", "test"], "named"),
        (["--stack-name=named"], "named"),
    ],
)
def test_the_stack_whose_failure_is_explained_is_the_one_that_sam_deploys(
    others: list[str], stack: str | None, tmp_path: Path
) -> None:
    """Named in the call, else by the part of samconfig.toml that the call chooses."""
    samconfig = tmp_path / "samconfig.toml"
    samconfig.write_text(
        '[default.deploy.parameters]\nstack_name = "by-default"\n'
        '[test.deploy.parameters]\nstack_name = "of-test"\n'
    )

    assert command.stack_of(samconfig, others) == stack
