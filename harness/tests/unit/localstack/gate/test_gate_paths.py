"""IAM's resources have a path, which calls about them do not give."""

from dataclasses import replace

import pytest

from harness.tests.unit.localstack.gate.callers import (
    ACCOUNT,
    KEY,
    TRUST,
    Client,
    a_call,
    allow,
    denial_of,
    document,
    put,
)
from sam_harness.iam.call import Call
from sam_harness.localstack.gate.gate import Gate
from sam_harness.localstack.gate.knowledge import Knowledge

ROLE = {"RoleName": "kept"}
USER = {"UserName": "kept"}


@pytest.mark.parametrize(
    "call",
    [
        a_call("DeleteRole", "iam", **ROLE),
        a_call("PutRolePolicy", "iam", **ROLE),
        a_call("PutUserPolicy", "iam", **USER),
        a_call("GetGroup", "iam", GroupName="kept"),
        a_call("AddRoleToInstanceProfile", "iam", InstanceProfileName="kept", **ROLE),
    ],
)
def test_a_deny_on_a_path_counts_for_what_is_there(
    gate: Gate, knowledge: Knowledge, iam: Client, call: Call
) -> None:
    """Its ARN has the path, however it is named; what is not there has none.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
    """
    call = replace(call, lookup=knowledge.lookup)
    put(gate, iam, "all", allow("iam:*"))
    kinds = ("group", "instance-profile", "role", "user")
    arns = [f"arn:aws:iam::{ACCOUNT}:{kind}/protected/*" for kind in kinds]
    put(gate, iam, "no", {**allow("iam:*"), "Effect": "Deny", "Resource": arns})
    gate.check(call, KEY)
    place = {"Path": "/protected/"}

    trust = document(TRUST)
    iam.create_role(AssumeRolePolicyDocument=trust, **ROLE, **place)
    iam.create_user(**USER, **place)
    iam.create_group(GroupName="kept", **place)
    iam.create_instance_profile(InstanceProfileName="kept", **place)
    gate.answered(a_call("CreateRole", "iam", **ROLE), {})

    assert "with an explicit deny" in denial_of(gate, call).message
