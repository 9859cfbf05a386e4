"""What limits a role: sessions, boundaries, resources, trust."""

from dataclasses import replace

import pytest

from harness.tests.unit.localstack.gate.callers import (
    ACCOUNT,
    KEY,
    QUEUE,
    ROLE,
    SEND,
    TRUST,
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
from sam_harness.localstack.gate.caller import Service
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


@pytest.mark.usefixtures("iam")
def test_a_service_needs_the_policy_of_the_resource(gate: Gate) -> None:
    """SNS to a queue: its name and the source's are compared."""
    sqs = clients("sqs", ACCOUNT, "us-east-1")
    sqs.create_queue(QueueName="queue")
    topic = f"arn:aws:sns:us-east-1:{ACCOUNT}:topic"
    sns = {"service_principal": "sns", "source_arn": topic}
    statement = {
        **allow("sqs:SendMessage", QUEUE),
        "Principal": {"Service": "sns.amazonaws.com"},
        "Condition": {"ArnEquals": {"aws:SourceArn": topic},
                      "StringEquals": {"aws:SourceAccount": ACCOUNT}},
    }  # fmt: skip
    assert (
        "no resource-based policy allows"
        in denial_of(gate, SEND, "__internal_call__", **sns).message
    )

    sqs.set_queue_attributes(QueueUrl=URL, Attributes={"Policy": document(statement)})
    gate.answered(a_call("SetQueueAttributes"), {})

    gate.check(SEND, "__internal_call__", sns)
    denial_of(gate, SEND, "__internal_call__", **(sns | {"source_arn": f"{topic}2"}))
    denial_of(
        gate, SEND, "__internal_call__", **(sns | {"service_principal": "events"})
    )


@pytest.mark.usefixtures("iam")
def test_a_bucket_calls_for_the_account_that_owns_it() -> None:
    """Whichever account LocalStack itself calls in: a bucket's ARN names none."""
    theirs = "210987654321"
    gate = Gate(Knowledge(clients, {"in": ACCOUNT, "theirs": theirs}.get), Record())
    statement = {
        **allow("sqs:SendMessage", QUEUE),
        "Principal": {"Service": "s3.amazonaws.com"},
        "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
    }
    sqs = clients("sqs", ACCOUNT, "us-east-1")
    sqs.create_queue(QueueName="queue", Attributes={"Policy": document(statement)})
    send = replace(SEND, account="000000000000")

    gate.check(send, "__internal_call__", s3("in"))
    gate.check(SEND, "__internal_call__", s3("that is gone"))

    denial_of(gate, send, "__internal_call__", **s3("theirs"))


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


@pytest.mark.usefixtures("iam")
def test_a_service_that_says_not_for_what_it_calls_has_no_account(gate: Gate) -> None:
    """An empty one would be another than any."""
    statement = {
        **allow("sqs:SendMessage", QUEUE),
        "Principal": {"Service": "sns.amazonaws.com"},
        "Condition": {"StringEqualsIfExists": {"aws:SourceAccount": ACCOUNT}},
    }
    sqs = clients("sqs", ACCOUNT, "us-east-1")
    sqs.create_queue(QueueName="queue", Attributes={"Policy": document(statement)})

    gate.check(SEND, "__internal_call__", {"service_principal": "sns"})


def s3(bucket: str) -> dict[str, str]:
    """Return how LocalStack says that it calls for a bucket."""
    return {"service_principal": "s3", "source_arn": f"arn:aws:s3:::{bucket}"}


@pytest.mark.usefixtures("iam")
def test_a_service_may_what_the_policy_of_the_resource_says(gate: Gate) -> None:
    """Asked without a call: here whether it may assume a role."""
    role = a_call("AssumeRole", "sts", RoleArn=ROLE, RoleSessionName="f")

    assert gate.may(Service("lambda.amazonaws.com"), role)
    assert not gate.may(Service("states.amazonaws.com"), role)


def test_a_role_may_what_its_policies_say(gate: Gate, iam: Client) -> None:
    """Asked without a call, and nothing is recorded."""
    assert not gate.may(ROLE, SEND)
    put(gate, iam, "sender", allow("sqs:SendMessage"))

    assert gate.may(ROLE, SEND)
    assert decisions(gate) == []


@pytest.mark.usefixtures("iam")
def test_a_service_assumes_only_a_role_that_trusts_it(gate: Gate) -> None:
    """A role that does not exist trusts no principal."""
    role = a_call("AssumeRole", "sts", RoleArn=ROLE, RoleSessionName="f")
    other = a_call("AssumeRole", "sts", RoleArn=f"{ROLE}2", RoleSessionName="f")

    gate.check(role, "__internal_call__", {"service_principal": "lambda"})

    denial_of(gate, role, "__internal_call__", service_principal="apigateway")
    told = denial_of(gate, other, "__internal_call__", service_principal="lambda")
    assert told.code == "AccessDenied"


def test_a_service_assumes_a_role_for_the_account_that_has_it(
    gate: Gate, iam: Client
) -> None:
    """LocalStack does not say for what, and calls in whichever account."""
    role = replace(
        a_call("AssumeRole", "sts", RoleArn=ROLE, RoleSessionName="f"), account="0" * 12
    )
    for key, value, is_allowed in (
        ("aws:SourceAccount", ACCOUNT, True),
        ("aws:SourceAccount", "210987654321", False),
        ("sts:ExternalId", "any", False),
    ):
        policy = document({**TRUST, "Condition": {"StringEquals": {key: value}}})
        iam.update_assume_role_policy(RoleName="worker", PolicyDocument=policy)
        gate.answered(a_call("UpdateAssumeRolePolicy", "iam", RoleName="worker"), {})

        assert gate.may(Service("lambda.amazonaws.com"), role) is is_allowed


def test_a_role_for_one_source_is_not_assumed_for_an_unknown_one(
    gate: Gate, iam: Client
) -> None:
    """AWS would tell its trust policy for what; the refusal tells why it is one."""
    role = a_call("AssumeRole", "sts", RoleArn=ROLE, RoleSessionName="f")
    limit = {"ArnLike": {"aws:SourceArn": f"arn:aws:lambda:*:{ACCOUNT}:function:*"}}
    policy = document({**TRUST, "Condition": limit})
    iam.update_assume_role_policy(RoleName="worker", PolicyDocument=policy)

    told = denial_of(gate, role, "__internal_call__", service_principal="lambda")

    assert "what sts:AssumeRole says to conditions" in told.message
    function = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:f"
    assert gate.may(Service("lambda.amazonaws.com", function), role)


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
