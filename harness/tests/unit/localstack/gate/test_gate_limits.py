"""What limits a role: sessions, boundaries, policies of resources."""

from dataclasses import replace

import pytest

from harness.tests.unit.localstack.gate.callers import (
    ACCOUNT,
    KEY,
    ROLE,
    SEND,
    URL,
    Client,
    a_call,
    allow,
    assume,
    change,
    clients,
    decisions,
    denial_of,
    document,
    put,
)
from sam_harness.iam.call import Call
from sam_harness.localstack.gate.gate import ACTIVE, Gate
from sam_harness.localstack.gate.knowledge import Knowledge
from sam_harness.localstack.gate.record import Record


def test_a_session_policy_that_cannot_be_read_is_remembered(gate: Gate) -> None:
    """Its key is never known, and the record says why."""
    bad = document({**allow("sqs:*"), "Effect": "Maybe"})

    assume(gate, key="LSIABAD", limits={"Policy": bad})

    [failed] = decisions(gate)
    assert failed["decision"] == "failed"
    assert "session policy of one: statement 0: Effect" in failed["reason"]
    assert gate.state == ACTIVE
    assert denial_of(gate, SEND, "LSIABAD").code == "InvalidClientTokenId"


@pytest.mark.parametrize("kind", ["Policy", "PolicyArns"])
def test_a_session_policy_limits(gate: Gate, iam: Client, kind: str) -> None:
    """Given with AssumeRole, inline or by the ARN of a managed policy."""
    put(gate, iam, "everything", allow("*"))
    limit = document(allow("sqs:Get*"))
    arn = iam.create_policy(PolicyName="limit", PolicyDocument=limit)["Policy"]["Arn"]

    assume(gate, limits={kind: limit if kind == "Policy" else [{"arn": arn}]})

    assert "because no session policy allows" in denial_of(gate, SEND).message
    gate.check(a_call("GetQueueUrl", QueueName="queue"), KEY)


def test_a_session_policy_is_read_again_once_it_may_be_another(
    gate: Gate, iam: Client
) -> None:
    """A managed policy has versions, one of which counts."""
    put(gate, iam, "everything", allow("*"))
    limit = document(allow("sqs:Get*"))
    arn = iam.create_policy(PolicyName="limit", PolicyDocument=limit)["Policy"]["Arn"]
    assume(gate, limits={"PolicyArns": [{"arn": arn}]})
    denial_of(gate, SEND)

    change(gate, iam.put_role_policy, RoleName="worker", PolicyName="other",
           PolicyDocument=document(allow("*")))  # fmt: skip
    iam.create_policy_version(
        PolicyArn=arn, PolicyDocument=document(allow("sqs:*")), SetAsDefault=True
    )
    denial_of(gate, SEND)
    gate.answered(a_call("CreatePolicyVersion", "iam", PolicyArn=arn), {})

    gate.check(SEND, KEY)


@pytest.mark.parametrize("path", ["/", "/a/b/"])
def test_a_managed_policy_that_is_attached_allows(
    gate: Gate, iam: Client, path: str
) -> None:
    """It is recorded by its name; what is gone since allows nothing."""
    allowed = document(allow("sqs:*"))
    arn = iam.create_policy(PolicyName="sender", Path=path, PolicyDocument=allowed)[
        "Policy"
    ]["Arn"]
    change(gate, iam.attach_role_policy, RoleName="worker", PolicyArn=arn)

    gate.check(SEND, KEY)

    assert decisions(gate)[-1]["statements"] == ("sender/0",)
    assume(gate, limits={"PolicyArns": [{"arn": f"{arn}-that-is-gone"}]})
    assert "because no session policy allows" in denial_of(gate, SEND).message


def test_a_boundary_limits(gate: Gate, iam: Client) -> None:
    """A managed policy, attached to the role as its boundary, also one that is gone."""
    put(gate, iam, "everything", allow("*"))
    limit = document(allow("sqs:Get*"))
    arn = iam.create_policy(PolicyName="limit", PolicyDocument=limit)["Policy"]["Arn"]

    change(gate, iam.put_role_permissions_boundary, RoleName="worker",
           PermissionsBoundary=arn)  # fmt: skip

    assert "because no permissions boundary allows" in denial_of(gate, SEND).message
    change(gate, iam.put_role_permissions_boundary, RoleName="worker",
           PermissionsBoundary=f"{arn}-that-is-gone")  # fmt: skip
    assert "because no permissions boundary allows" in denial_of(gate, SEND).message


@pytest.mark.parametrize(
    "call",
    [
        a_call("SendMessage", QueueUrl=URL.replace(ACCOUNT, "210987654321")),
        a_call("GetObject", "s3", Bucket="theirs", Key="k"),
        a_call("ListObjectsV2", "s3", Bucket="theirs"),
    ],
)
def test_what_another_account_has_takes_a_policy_of_its_own(
    iam: Client, call: Call
) -> None:
    """Whatever the role may: a queue's ARN names the account, S3 knows a bucket's.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
    """
    owners = {"theirs": "210987654321"}
    gate = Gate(Knowledge(clients, owners.get), Record())
    assume(gate)
    put(gate, iam, "everything", allow("*"))

    told = denial_of(gate, call)

    assert "because no resource-based policy allows" in told.message


def test_policies_are_asked_for_in_the_account_of_the_session(iam: Client) -> None:
    """Those of its role, and the managed ones that limit it."""
    asked: list[tuple[str, str]] = []

    def noted(service: str, account: str, region: str) -> Client:
        asked.append((service, account))
        return clients(service, account, region)

    limit = document(allow("sqs:*"))
    arn = iam.create_policy(PolicyName="limit", PolicyDocument=limit)["Policy"]["Arn"]
    gate = Gate(Knowledge(noted), Record())
    assume(gate, limits={"PolicyArns": [{"arn": arn}]})
    put(gate, iam, "everything", allow("*"))

    gate.check(replace(SEND, account="0" * 12), KEY)

    assert asked.count(("iam", ACCOUNT)) > 1
    assert {account for _, account in asked} == {ACCOUNT}


def test_a_role_may_what_its_policies_say(gate: Gate, iam: Client) -> None:
    """Asked without a call, and nothing is recorded."""
    assert not gate.may(ROLE, SEND)
    put(gate, iam, "sender", allow("sqs:SendMessage"))

    assert gate.may(ROLE, SEND)
    assert decisions(gate) == []


def test_a_role_that_does_not_exist_cannot_be_assumed(gate: Gate, iam: Client) -> None:
    """Whatever the identity policy allows; LocalStack itself would hand it out."""
    put(gate, iam, "everything", allow("*"))

    told = denial_of(
        gate, a_call("AssumeRole", "sts", RoleArn=f"{ROLE}2", RoleSessionName="two")
    )

    assert "because no role trust policy allows" in told.message


def test_a_role_with_a_services_metadata_is_still_a_role(
    gate: Gate, iam: Client
) -> None:
    """LocalStack's poller says that it is Lambda, and signs as the function's role."""
    internal = {"service_principal": "lambda", "source_arn": "arn:aws:lambda:::f"}

    assert "User: arn:aws:sts::" in denial_of(gate, SEND, KEY, **internal).message
    put(gate, iam, "sender", allow("sqs:SendMessage"))
    gate.check(SEND, KEY, internal)
