"""Deployments that fail say which resource, and why."""

import json
from pathlib import Path
from uuid import uuid4

import boto3
import pytest

from sam_harness.deploying.deploy import Deployer
from sam_harness.errors import HarnessError
from sam_harness.packaging.build import Artefact


def _artefact(folder: Path, resources: dict[str, object]) -> Artefact:
    template = folder / "template.json"
    template.write_text(json.dumps({"Resources": resources}))
    return Artefact("key", template)


def test_a_stack_is_created_updated_and_deleted(
    session: boto3.Session, account_id: str, tmp_path: Path
) -> None:
    """The same call does both; deleting waits until it is gone."""
    deployer, name = Deployer(session, account_id), f"stack-{uuid4().hex[:8]}"
    queue: dict[str, object] = {"Type": "AWS::SQS::Queue"}
    topic: dict[str, object] = {"Type": "AWS::SNS::Topic"}

    created = deployer.deploy(_artefact(tmp_path, {"Queue": queue}), name, {})
    updated = deployer.deploy(
        _artefact(tmp_path, {"Queue": queue, "Topic": topic}), name, {}
    )
    deployer.delete(name)

    assert created.resources.keys() == {"Queue"}
    assert updated.resources.keys() == {"Queue", "Topic"}
    assert updated.resources["Queue"] == created.resources["Queue"]
    assert not session.client("sqs").list_queues(QueueNamePrefix=name).get("QueueUrls")


@pytest.mark.parametrize("update", [False, True], ids=["create", "update"])
def test_a_failed_resource_is_named_with_its_reason(
    session: boto3.Session,
    account_id: str,
    tmp_path: Path,
    update: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """Also where LocalStack ends the update in UPDATE_COMPLETE."""
    deployer, name = Deployer(session, account_id), f"stack-{uuid4().hex[:8]}"
    good: dict[str, object] = {"Type": "AWS::SQS::Queue"}
    bad: dict[str, object] = {
        "Type": "AWS::SQS::Queue",
        "Properties": {"QueueName": "not a legal name!"},
    }
    if update:
        deployer.deploy(_artefact(tmp_path, {"Good": good}), name, {})

    with pytest.raises(HarnessError) as caught:
        deployer.deploy(_artefact(tmp_path, {"Good": good, "Bad": bad}), name, {})

    assert f"stack {name} failed" in str(caught.value)
    assert "Bad (AWS::SQS::Queue) CREATE_FAILED" in str(caught.value)
