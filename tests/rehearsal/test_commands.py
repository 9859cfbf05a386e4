"""The pipeline's smaller commands, on stacks that hold next to nothing."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sam_harness import cli
from sam_harness.deploying.operation import Operation
from sam_harness.emulator.embedded import EmbeddedLocalStack
from sam_harness.waiting import wait_until
from service import preview

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient

ACCOUNT = "200000000000"
LONG_AGO = "0.5"  # days


@pytest.fixture
def cloudformation(
    localstack: EmbeddedLocalStack, monkeypatch: pytest.MonkeyPatch
) -> "CloudFormationClient":
    """Return a client of an account of its own, where the commands work too."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", localstack.endpoint_url)
    monkeypatch.setenv("AWS_DEFAULT_REGION", localstack.region)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCOUNT)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    return localstack.session(ACCOUNT).client("cloudformation")


def test_only_the_preview_of_the_pull_request_is_deleted(
    cloudformation: "CloudFormationClient",
) -> None:
    """Neither another one nor the test stage; a second time there is nothing to do."""
    make(cloudformation, "refunds-pr-1", "refunds-pr-12", "refunds-test")

    assert preview.main(["delete", "1"]) == 0
    assert preview.main(["delete", "1"]) == 0

    assert names(cloudformation) == {"refunds-pr-12", "refunds-test"}
    remove(cloudformation)


def test_the_sweep_takes_forgotten_previews_only(
    cloudformation: "CloudFormationClient",
) -> None:
    """A preview of today stays; as soon as it is too old it goes, the stages never."""
    make(cloudformation, "refunds-pr-3", "refunds-production")

    assert preview.main(["sweep", "--days", LONG_AGO]) == 0
    after_the_first = names(cloudformation)
    assert preview.main(["sweep", "--days", "0"]) == 0

    assert after_the_first == {"refunds-pr-3", "refunds-production"}
    assert names(cloudformation) == {"refunds-production"}
    remove(cloudformation)


def test_a_stack_goes_back_to_its_template_and_parameters(
    cloudformation: "CloudFormationClient", tmp_path: Path
) -> None:
    """Both are what they were; a value can be changed, where there is one."""
    file = str(tmp_path / "kept" / "before.json")
    make(cloudformation, "backwards", name="before")

    saved = cli.main(["rollback", "save", "--stack", "backwards", file])
    update(cloudformation, "backwards", name="after")
    restored = cli.main(["rollback", "restore", file])
    value = output(cloudformation, "backwards")
    changed = cli.main(
        ["rollback", "restore", file, "--parameter", "Name=other",
         "--parameter", "Newer=than this template"]
    )  # fmt: skip

    assert (saved, restored, changed) == (0, 0, 0)
    assert value == "before"
    assert output(cloudformation, "backwards") == "other"
    remove(cloudformation)


def test_without_a_stack_nothing_is_kept_and_there_is_no_way_back(
    cloudformation: "CloudFormationClient",
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A first deployment has no version before it; what an older run kept is gone."""
    assert names(cloudformation) == set()
    file = tmp_path / "before.json"
    file.write_text("{}")

    saved = cli.main(["rollback", "save", "--stack", "new", str(file)])
    restored = cli.main(["rollback", "restore", str(file)])

    assert (saved, restored) == (0, 2)
    assert not file.exists()
    assert "no version to go back to" in capsys.readouterr().err


def make(
    cloudformation: "CloudFormationClient", *stacks: str, name: str = "topic"
) -> None:
    """Create stacks of one topic each."""
    for stack in stacks:
        operation = Operation(cloudformation, stack)
        cloudformation.create_stack(
            StackName=stack,
            TemplateBody=template("Name"),
            Parameters=[{"ParameterKey": "Name", "ParameterValue": name}],
        )
        operation.wait(30)


def update(cloudformation: "CloudFormationClient", stack: str, name: str) -> None:
    """Change the stack's template and parameter."""
    operation = Operation(cloudformation, stack)
    cloudformation.update_stack(
        StackName=stack,
        TemplateBody=template("AWS::Region"),
        Parameters=[{"ParameterKey": "Name", "ParameterValue": name}],
    )
    operation.wait(30)
    assert output(cloudformation, stack) == "us-east-1"


def template(shown: str) -> str:
    """Return a template of one topic whose output is a parameter's value."""
    return json.dumps(
        {
            "Parameters": {"Name": {"Type": "String"}},
            "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
            "Outputs": {"Shown": {"Value": {"Ref": shown}}},
        }
    )


def output(cloudformation: "CloudFormationClient", stack: str) -> str:
    """Return the output of a stack."""
    described = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
    return described["Outputs"][0]["OutputValue"]


def names(cloudformation: "CloudFormationClient") -> set[str]:
    """Return the names of the account's stacks."""
    pages = cloudformation.get_paginator("describe_stacks").paginate()
    return {
        stack["StackName"]
        for page in pages
        for stack in page["Stacks"]
        if stack["StackStatus"] != "DELETE_COMPLETE"  # LocalStack lists them as well
    }


def remove(cloudformation: "CloudFormationClient") -> None:
    """Delete all stacks of the account."""
    for stack in names(cloudformation):
        cloudformation.delete_stack(StackName=stack)
    wait_until(
        lambda: names(cloudformation),
        lambda left: not left,
        what="the account to be empty",
        timeout_s=30,
    )
