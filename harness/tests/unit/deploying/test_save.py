"""What is kept of a stack before an update."""

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from botocore.stub import Stubber

from sam_harness.deploying.rollback import NEVER_COMPLETE, save


@pytest.fixture
def stub() -> Iterator[Stubber]:
    """Yield CloudFormation's client, which answers what it is told to."""
    with Stubber(boto3.client("cloudformation", "us-east-1")) as stub:
        yield stub
        stub.assert_no_pending_responses()


@pytest.mark.parametrize("status", sorted(NEVER_COMPLETE))
def test_of_a_first_deployment_that_failed_nothing_is_kept(
    stub: Stubber, tmp_path: Path, status: str
) -> None:
    """It has no template yet, or one that never worked; the job may be repeated."""
    file = tmp_path / "before.json"
    file.write_text("what an earlier run left")
    stack = {
        "StackName": "shop",
        "StackStatus": status,
        "CreationTime": "2026-01-01T00:00:00Z",
    }
    stub.add_response("describe_stacks", {"Stacks": [stack]}, {"StackName": "shop"})

    save(stub.client, "shop", file)  # type: ignore[arg-type]  # a Stubber of any

    assert not file.exists()
