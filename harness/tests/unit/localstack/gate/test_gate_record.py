"""What the gate records: who asked for what, and why it was refused."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from harness.tests.unit.localstack.gate.callers import (
    ACCOUNT,
    KEY,
    QUEUE,
    ROLE,
    SEND,
    URL,
    Client,
    a_call,
    allow,
    assume,
    decisions,
    denial_of,
    put,
)
from sam_harness.iam.call import Call
from sam_harness.localstack.gate.caller import UNSIGNED
from sam_harness.localstack.gate.gate import ACTIVE, Gate
from sam_harness.localstack.gate.knowledge import Knowledge
from sam_harness.localstack.gate.record import Record

SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/one"
TOPIC = "arn:aws:sns:us-east-1:210987654321:topic"
NOT_SIGNED = a_call("AssumeRoleWithWebIdentity", "sts", RoleArn=ROLE,
                    WebIdentityToken="x")  # fmt: skip


def told(gate: Gate, *wanted: str) -> list[object]:
    """Return what was recorded last of a decision."""
    return [decisions(gate)[-1][one] for one in wanted]


def test_a_decision_names_the_role_its_session_and_the_policy_that_lacks(
    gate: Gate, iam: Client
) -> None:
    """Once something allows, the statement that does."""
    denial_of(gate, SEND)
    assert told(gate, "account", "role", "principal", "call") == [
        *(ACCOUNT, ROLE, SESSION, "sqs:SendMessage"),
    ]
    assert told(gate, "action", "resource", "decision", "statements", "reason") == [
        *("sqs:SendMessage", QUEUE, "implicitDeny", ()),
        "no identity-based policy allows it",
    ]

    denial_of(gate, a_call("SendMessage", QueueUrl=URL.replace(ACCOUNT, "9" * 12)))
    assert told(gate, "account") == [ACCOUNT]

    put(gate, iam, "sender", allow("sqs:*") | {"Sid": "Send"})
    gate.check(SEND, KEY)

    wanted = told(gate, "decision", "statements", "reason")
    assert wanted == ["allowed", ("sender/Send",), ""]


@pytest.mark.usefixtures("iam")
@pytest.mark.parametrize("source", [TOPIC, None])
def test_a_decision_about_a_service_names_what_it_calls_for(
    gate: Gate, source: str | None
) -> None:
    """In the account of the resource, of a call without one in its own."""
    internal = {
        "service_principal": "sns",
        **({"source_arn": source} if source else {}),
    }

    denial_of(gate, replace(SEND, account="0" * 12), "test", **internal)
    named = ["sns.amazonaws.com", source or "sns.amazonaws.com"]
    assert told(gate, "account", "role", "principal") == [ACCOUNT, *named]

    to_a_phone = a_call("Publish", "sns", PhoneNumber="+1")
    denial_of(gate, to_a_phone, "test", **internal)
    assert told(gate, "account", "resource") == [ACCOUNT, "*"]


@pytest.mark.usefixtures("iam")
@pytest.mark.parametrize(
    ("call", "key", "reason"),
    [
        (SEND, UNSIGNED, "not signed"),
        (SEND, "LSIAUNKNOWN", "unknown access key"),
        (NOT_SIGNED, UNSIGNED, "the web identity token is no JWT: "),
    ],
)
def test_a_call_of_nothing_that_is_known_is_recorded_with_its_key(
    gate: Gate, call: Call, key: str, reason: str
) -> None:
    """There is no principal to name."""
    denial_of(gate, call, key)

    assert told(gate, "principal", "role", "decision") == [key, key, "error"]
    assert str(told(gate, "reason")[0]).startswith(reason)
    assert told(gate, "action", "resource") == ["", ""]


def test_an_error_of_ours_is_recorded_in_its_own_words(gate: Gate) -> None:
    """Under the role whose session was not taken."""
    assume(gate, limits={"Policy": '{"Statement": []}'})

    assert told(gate, "role", "decision") == [ROLE, "failed"]
    assert told(gate, "reason") == ["session policy of one: no Statement"]


@pytest.mark.parametrize(
    "operation", ["AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"]
)
def test_each_answer_that_gives_out_a_role_is_learnt(
    knowledge: Knowledge, operation: str
) -> None:
    """And no other; an answer that is none is one of an error."""
    gate, asked = Gate(knowledge, Record()), {"RoleArn": ROLE, "RoleSessionName": "one"}
    assert gate.principal(KEY) is None

    gate.answered(a_call(operation, "sts", **asked), None)
    gate.answered(a_call("GetCallerIdentity", "sts"), {"Account": ACCOUNT})
    gate.answered(a_call(operation, "sqs"), {"QueueUrl": "q"})
    assert (decisions(gate), gate.state) == ([], ACTIVE)
    later = datetime.now(UTC) + timedelta(hours=1)
    answer = {
        "Credentials": {"AccessKeyId": KEY, "SessionToken": "t", "Expiration": later},
        "AssumedRoleUser": {"Arn": SESSION, "AssumedRoleId": "AROA:one"},
    }
    gate.answered(a_call(operation, "sts", **asked), answer)

    learnt = gate.principal(KEY)
    assert learnt
    assert (learnt.name, learnt.role) == (SESSION, ROLE)


def test_what_cannot_be_told_is_as_good_as_allowed(gate: Gate) -> None:
    """Where no call is made: the call itself will be refused."""
    assert gate.may(ROLE, a_call("NoSuchOperation"))


def test_only_the_first_failures_are_told(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that follow would be of the same kind."""
    monkeypatch.delattr(Knowledge, "after")
    for _ in range(12):
        gate.answered(SEND, {})

    assert gate.state.count("after sqs:SendMessage: AttributeError(") == 10
    assert gate.state.count("; ") == 9


@pytest.mark.parametrize(("principal", "passes"), [("logs", True), ("sns", False)])
def test_a_function_that_logs_looks_at_must_be_one_that_it_may_call(
    principal: str, *, passes: bool
) -> None:
    """LocalStack asks for the function where AWS calls it.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html#LambdaFunctionExample
    """
    statement = {**allow("lambda:InvokeFunction"), "Principal": "*"}

    class Functions:
        def get_policy(self, **_of: str) -> Mapping[str, str]:
            return {"Policy": json.dumps({"Statement": statement})}

    gate = Gate(Knowledge(lambda *_of: Functions()), Record())
    call = a_call("GetFunction", "lambda", FunctionName="f")
    internal = {"service_principal": principal}

    if passes:
        gate.check(call, "test", internal)
    else:
        denial_of(gate, call, "test", **internal)
