"""Policies of templates that do not say which language they are in: it is the older.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
"""

from pathlib import Path
from typing import Any

import boto3
import pytest

from harness.tests.integration.emulator.functions import TRUST
from harness.tests.integration.emulator.templates import artefact
from sam_harness.deploying.deploy import Deployer
from sam_harness.errors import HarnessError


def resources(action: str, resource: str = "*", **version: str) -> dict[str, Any]:
    """Return a role with a policy of its own, and policies besides."""
    trust = {"Statement": TRUST["Statement"], **version}
    allow = {"Effect": "Allow", "Action": action, "Resource": resource}
    policy = {"PolicyDocument": {"Statement": [allow], **version}}
    role = {
        "AssumeRolePolicyDocument": trust,
        "Policies": [{"PolicyName": "own", **policy}],
        "Description": action,
    }
    besides = {"PolicyName": "besides", "Roles": [{"Ref": "Role"}], **policy}
    return {
        "Managed": {"Type": "AWS::IAM::ManagedPolicy", "Properties": policy},
        "Role": {"Type": "AWS::IAM::Role", "Properties": role},
        "Policy": {"Type": "AWS::IAM::Policy", "Properties": besides},
    }


@pytest.mark.parametrize("version", [{}, {"Version": "2008-10-17"}], ids=str)
def test_a_policy_without_a_version_is_made_and_changed(
    version: dict[str, str],
    unchecked: Deployer,
    stack_name: str,
    session: boto3.Session,
    tmp_path: Path,
) -> None:
    """LocalStack refuses most of them, when they are made or when they are changed."""
    iam = session.client("iam")
    for action in ("sqs:SendMessage", "sqs:ReceiveMessage"):
        made = artefact(tmp_path, resources(action, **version))
        role = unchecked.deploy(made, stack_name, {}).resources["Role"]

        for name in ("own", "besides"):
            told = iam.get_role_policy(RoleName=role, PolicyName=name)
            document: Any = told["PolicyDocument"]
            assert document["Statement"][0]["Action"] == action


def test_a_policy_without_a_version_that_has_variables_is_refused(
    unchecked: Deployer, stack_name: str, tmp_path: Path
) -> None:
    """IAM takes them for text, so that the call of each of them is denied."""
    mine = "arn:aws:s3:::bucket/${aws:userid}/*"

    with pytest.raises(HarnessError, match="has no variables"):
        unchecked.deploy(
            artefact(tmp_path, resources("s3:GetObject", mine)), stack_name, {}
        )
    new = {"Version": "2012-10-17"}
    made = artefact(tmp_path, resources("s3:GetObject", mine, **new))
    assert unchecked.deploy(made, f"{stack_name}-new", {}).resources["Role"]
