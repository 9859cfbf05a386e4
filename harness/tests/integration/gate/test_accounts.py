"""What belongs to another account."""

import boto3
import pytest

from harness.tests.integration.gate.resources import Resources
from harness.tests.integration.gate.roles import Roles, denied, document
from sam_harness.emulator.emulator import Emulator

pytestmark = pytest.mark.needs_gate(reason="it is about the gate")


def test_the_bucket_of_another_account_needs_its_policy_too(
    session: boto3.Session, resources: Resources, emulator: Emulator
) -> None:
    """Its ARN says no account; both accounts must allow, also what reads its policy.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-auth-workflow-object-operation.html
    """
    bucket, other = resources.bucket("k"), "000000009999"
    role = Roles(emulator.session(other), emulator.session, other).make()
    role.allow("s3:*", "*")
    s3, admin = role.client("s3"), session.client("s3")
    refused = denied(s3.get_object, Bucket=bucket, Key="k")
    denied(s3.put_bucket_policy, Bucket=bucket, Policy="{}")
    allowed = {
        "Effect": "Allow",
        "Principal": {"AWS": role.arn},
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }

    admin.put_bucket_policy(Bucket=bucket, Policy=document(allowed))
    s3.get_object(Bucket=bucket, Key="k")
    own = {"StringNotEquals": {"aws:ResourceAccount": other}}
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": own}
    role.put(deny, "own")

    assert "because no resource-based policy allows" in refused.message
    assert "explicit deny" in denied(s3.get_object, Bucket=bucket, Key="k").message
