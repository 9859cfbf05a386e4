"""What a service of AWS may that calls, or assumes a role, for an account."""

from dataclasses import replace

import pytest

from harness.tests.unit.localstack.gate.callers import (
    ACCOUNT,
    QUEUE,
    ROLE,
    SEND,
    TRUST,
    URL,
    Client,
    a_call,
    allow,
    clients,
    denial_of,
    document,
)
from sam_harness.localstack.gate.caller import Service
from sam_harness.localstack.gate.gate import Gate
from sam_harness.localstack.gate.knowledge import Knowledge
from sam_harness.localstack.gate.record import Record


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
