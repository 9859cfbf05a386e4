"""The gate's own rules, with policies read from moto."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from harness.iam.mapping import Call
from harness.localstack_plugin.gate import caller
from harness.localstack_plugin.gate.gate import ACTIVE, Gate
from harness.localstack_plugin.gate.knowledge import Knowledge
from harness.localstack_plugin.gate.record import Record
from harness.localstack_plugin.gate.refusal import Refusal, RefusedCall

ACCOUNT = "123456789012"  # moto's
ROLE = f"arn:aws:iam::{ACCOUNT}:role/worker"
QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:queue"
URL = f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/queue"
KEY = "LSIAQAAAAAAAGMKEM7X5"
TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"},
         "Action": "sts:AssumeRole"}  # fmt: skip


def document(*statements: Mapping[str, object]) -> str:
    """Write a policy."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def allow(action: str, resource: str = "*") -> dict[str, str]:
    """Write a statement."""
    return {"Effect": "Allow", "Action": action, "Resource": resource}


def a_call(operation: str, service: str = "sqs", **parameters: object) -> Call:
    """Make a call in moto's account."""
    return Call(service, operation, parameters, ACCOUNT, "us-east-1")


SEND = a_call("SendMessage", QueueUrl=URL, MessageBody="{}")


# boto3 makes its clients at run time.
type Client = Any


@pytest.fixture
def iam() -> Client:
    """Return IAM's client; the role is there, without permissions."""
    iam = boto3.client("iam", region_name="us-east-1")
    iam.create_role(RoleName="worker", AssumeRolePolicyDocument=document(TRUST))
    return iam


@pytest.fixture
def gate(knowledge: Knowledge) -> Gate:
    """Return a gate that has seen the role being assumed, as the session of KEY."""
    gate = Gate(knowledge, Record())
    assume(gate)
    return gate


def assume(
    gate: Gate,
    key: str = KEY,
    hours: int = 1,
    limits: Mapping[str, object] | None = None,
) -> None:
    """Let the gate see an answer of AssumeRole."""
    expires = datetime.now(UTC) + timedelta(hours=hours)
    wanted = {"RoleArn": ROLE, "RoleSessionName": "one", **(limits or {})}
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/one"
    gate.answered(
        a_call("AssumeRole", "sts", **wanted),
        {
            "Credentials": {"AccessKeyId": key, "Expiration": expires},
            "AssumedRoleUser": {"Arn": session, "AssumedRoleId": "AROA:one"},
        },
    )


def refused(gate: Gate, call: Call, key: str = KEY, **internal: str) -> Refusal:
    """Return the refusal of a call that must not pass."""
    with pytest.raises(RefusedCall) as told:
        gate.check(call, key, internal)
    return told.value.refusal


def change(gate: Gate, make: Callable[..., object], **parameters: object) -> None:
    """Change something in IAM, as a call that the gate sees served."""
    make(**parameters)
    gate.answered(a_call("PutRolePolicy", "iam"), {})


def put(gate: Gate, iam: Client, name: str, *statements: Mapping[str, object]) -> None:
    """Give the role an inline policy."""
    change(gate, iam.put_role_policy, RoleName="worker", PolicyName=name,
           PolicyDocument=document(*statements))  # fmt: skip


def test_what_the_role_lacks_is_refused_and_what_it_has_passes(
    gate: Gate, iam: Client
) -> None:
    """SQS's code is the one that LocalStack's serializer turns into AccessDenied."""
    told = refused(gate, SEND)

    assert (told.code, told.http_status) == ("AccessDeniedException", 403)
    assert f"perform: sqs:sendmessage on resource: {QUEUE} because" in told.message
    put(gate, iam, "sender", allow("sqs:SendMessage", QUEUE))
    gate.check(SEND, KEY)


def test_policies_are_read_once_until_iam_is_written(gate: Gate, iam: Client) -> None:
    """A change that the gate did not see served is not looked for."""
    refused(gate, SEND)

    iam.put_role_policy(RoleName="worker", PolicyName="p",
                        PolicyDocument=document(allow("sqs:*")))  # fmt: skip

    refused(gate, SEND)
    gate.answered(a_call("GetRole", "iam"), {})
    refused(gate, SEND)
    gate.answered(a_call("PutRolePolicy", "iam"), {})
    gate.check(SEND, KEY)


@pytest.mark.usefixtures("iam")
def test_a_write_that_failed_also_drops_what_was_read(gate: Gate) -> None:
    """Who knows what it has changed before it failed."""
    refused(gate, SEND)
    boto3.client("iam").put_role_policy(
        RoleName="worker", PolicyName="p", PolicyDocument=document(allow("sqs:*"))
    )

    gate.answered(a_call("PutRolePolicy", "iam"), None)

    gate.check(SEND, KEY)


def test_a_role_that_is_deleted_may_do_nothing(gate: Gate) -> None:
    """Its session lives on, as on AWS."""
    told = refused(gate, SEND)

    assert "no identity-based policy allows" in told.message
    assert gate.state == ACTIVE


@pytest.mark.parametrize("key", ["000000000000", "123456789012", "test"])
def test_the_harness_may_do_everything(gate: Gate, key: str) -> None:
    """Its calls are not even recorded."""
    gate.check(a_call("NoSuchOperation"), key)

    assert gate.record.report()["decisions"] == []


@pytest.mark.parametrize(
    "key", ["LSIAUNKNOWN", "ASIAUNKNOWN", "AKIAUNKNOWN", "test2", "1234567890123", ""]
)
def test_a_key_that_nobody_gave_out_is_refused(gate: Gate, key: str) -> None:
    """Nothing is an administrator by accident."""
    assert refused(gate, SEND, key).code == "InvalidClientTokenId"


def test_a_session_that_is_over_is_refused(gate: Gate) -> None:
    """Its key is as good as unknown."""
    assume(gate, key="LSIAOLD", hours=-1)

    assert refused(gate, SEND, "LSIAOLD").code == "InvalidClientTokenId"


@pytest.mark.usefixtures("iam")
def test_a_call_that_is_not_signed_is_refused(gate: Gate) -> None:
    """AWS lets only public resources be used so."""
    told = refused(gate, SEND, caller.access_key("", {}))

    assert told.code == "MissingAuthenticationToken"


def test_an_operation_that_is_not_mapped_is_refused_whatever_the_role_may(
    gate: Gate, iam: Client
) -> None:
    """And it is recorded; the gate goes on."""
    put(gate, iam, "everything", allow("*"))

    told = refused(gate, a_call("NoSuchOperation"))

    assert "no IAM mapping for sqs:NoSuchOperation" in told.message
    assert [one["decision"] for one in decisions(gate)] == ["error"]
    assert gate.state == ACTIVE


def test_an_exception_refuses_the_call_and_is_remembered(gate: Gate) -> None:
    """Here the reading of the role's policies fails."""
    broken = Gate(Knowledge(_no_clients), Record())
    assume(broken)

    told = refused(broken, SEND)

    assert told.http_status == 403
    assert "RuntimeError('no clients')" in told.message
    assert broken.state == "failed: sqs:SendMessage: RuntimeError('no clients')"
    assert [one["decision"] for one in decisions(broken)] == ["error"]
    assert gate.state == ACTIVE


def _no_clients(_service: str, _account: str, _region: str) -> Client:
    raise RuntimeError("no clients")


def test_a_session_policy_that_cannot_be_read_is_remembered(gate: Gate) -> None:
    """Its key is never known, and the session of the harness ends."""
    bad = document({**allow("sqs:*"), "Effect": "Maybe"})

    assume(gate, key="LSIABAD", limits={"Policy": bad})

    assert "session policy of one: statement 0: Effect" in gate.state
    assert refused(gate, SEND, "LSIABAD").code == "InvalidClientTokenId"


@pytest.mark.parametrize("kind", ["Policy", "PolicyArns"])
def test_a_session_policy_limits(gate: Gate, iam: Client, kind: str) -> None:
    """Given with AssumeRole, inline or by the ARN of a managed policy."""
    put(gate, iam, "everything", allow("*"))
    limit = document(allow("sqs:Get*"))
    arn = iam.create_policy(PolicyName="limit", PolicyDocument=limit)["Policy"]["Arn"]

    assume(gate, limits={kind: limit if kind == "Policy" else [{"arn": arn}]})

    assert "because no session policy allows" in refused(gate, SEND).message
    gate.check(a_call("GetQueueUrl", QueueName="queue"), KEY)


def test_a_boundary_limits(gate: Gate, iam: Client) -> None:
    """A managed policy, attached to the role as its boundary."""
    put(gate, iam, "everything", allow("*"))
    limit = document(allow("sqs:Get*"))
    arn = iam.create_policy(PolicyName="limit", PolicyDocument=limit)["Policy"]["Arn"]

    change(gate, iam.put_role_permissions_boundary, RoleName="worker",
           PermissionsBoundary=arn)  # fmt: skip

    assert "because no permissions boundary allows" in refused(gate, SEND).message


@pytest.mark.usefixtures("iam")
def test_a_service_needs_the_policy_of_the_resource(gate: Gate) -> None:
    """SNS to a queue: its name and the source's are compared."""
    sqs = boto3.client("sqs", region_name="us-east-1")
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
        in refused(gate, SEND, "__internal_call__", **sns).message
    )

    sqs.set_queue_attributes(QueueUrl=URL, Attributes={"Policy": document(statement)})
    gate.answered(a_call("SetQueueAttributes"), {})

    gate.check(SEND, "__internal_call__", sns)
    refused(gate, SEND, "__internal_call__", **(sns | {"source_arn": f"{topic}2"}))
    refused(gate, SEND, "__internal_call__", **(sns | {"service_principal": "events"}))


@pytest.mark.usefixtures("iam")
def test_a_service_assumes_only_a_role_that_trusts_it(gate: Gate) -> None:
    """A role that does not exist trusts nobody."""
    role = a_call("AssumeRole", "sts", RoleArn=ROLE, RoleSessionName="f")
    other = a_call("AssumeRole", "sts", RoleArn=f"{ROLE}2", RoleSessionName="f")

    gate.check(role, "__internal_call__", {"service_principal": "lambda"})

    refused(gate, role, "__internal_call__", service_principal="apigateway")
    told = refused(gate, other, "__internal_call__", service_principal="lambda")
    assert told.code == "AccessDenied"


def test_a_role_that_does_not_exist_is_assumed_by_nobody(
    gate: Gate, iam: Client
) -> None:
    """Whatever the identity policy allows; LocalStack itself would hand it out."""
    put(gate, iam, "everything", allow("*"))

    told = refused(
        gate, a_call("AssumeRole", "sts", RoleArn=f"{ROLE}2", RoleSessionName="two")
    )

    assert "because no role trust policy allows" in told.message


def test_a_role_with_a_services_metadata_is_still_a_role(
    gate: Gate, iam: Client
) -> None:
    """LocalStack's poller says that it is Lambda, and signs as the function's role."""
    internal = {"service_principal": "lambda", "source_arn": "arn:aws:lambda:::f"}

    assert "User: arn:aws:sts::" in refused(gate, SEND, KEY, **internal).message
    put(gate, iam, "sender", allow("sqs:SendMessage"))
    gate.check(SEND, KEY, internal)


def decisions(gate: Gate) -> list[dict[str, Any]]:
    """Return what was recorded."""
    listed: Any = gate.record.report()["decisions"]
    return list(listed)
