"""Going back with a template that is too long for the call itself."""

import json
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from sam_harness.deploying.rollback import MAX_TEMPLATE_BYTES, restore
from sam_harness.errors import HarnessError

LONG = json.dumps(
    {
        "Description": "before",
        "Metadata": {"Filler": "x" * MAX_TEMPLATE_BYTES},
        "Resources": {"Jobs": {"Type": "AWS::SQS::Queue"}},
    }
)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Return what was kept of a stack whose template is long."""
    file = tmp_path / "before.json"
    file.write_text(json.dumps({"stack": "shop", "template": LONG, "parameters": {}}))
    return file


def test_a_long_template_goes_by_the_bucket(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CloudFormation reads it there, and the stack is what it was."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        cloudformation = boto3.client("cloudformation", "us-east-1")
        boto3.client("s3", "us-east-1").create_bucket(Bucket="artefacts")
        after = json.dumps({**json.loads(LONG), "Description": "after", "Metadata": {}})
        cloudformation.create_stack(StackName="shop", TemplateBody=after)

        restore(cloudformation, kept, bucket="artefacts")

        body = cloudformation.get_template(StackName="shop")["TemplateBody"]
        assert body["Description"] == "before"


def test_without_a_bucket_it_is_said_what_to_do(kept: Path) -> None:
    """Nothing is changed."""
    with mock_aws():
        cloudformation = boto3.client("cloudformation", "us-east-1")
        with pytest.raises(HarnessError, match="--s3-bucket"):
            restore(cloudformation, kept)
