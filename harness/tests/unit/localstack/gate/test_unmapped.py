"""Calls of operations for which the harness has no mapping of its own."""

from dataclasses import replace
from typing import Any, cast

import pytest

from harness.tests.unit.localstack.gate.callers import (
    ACCOUNT,
    KEY,
    Client,
    a_call,
    allow,
    decisions,
    denial_of,
    put,
)
from sam_harness.iam.call import Call
from sam_harness.iam.services import SERVICES
from sam_harness.localstack.gate.gate import ACTIVE, Gate

MACHINE = f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/machine"
STARTED = {"stateMachineArn": f"{MACHINE}one"}
UNKNOWN = "sam-harness cannot tell which resource"


@pytest.fixture(autouse=True)
def without_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the file about Step Functions away: theirs are the examples."""
    monkeypatch.delitem(cast("dict[str, Any]", SERVICES), "stepfunctions")


def states(operation: str, **parameters: object) -> Call:
    """Make a call of Step Functions, whose actions have another prefix."""
    return replace(a_call(operation, "stepfunctions", **parameters), prefix="states")


START = states("StartExecution", **STARTED)
CREATE = states("CreateStateMachine", name="m", roleArn=ROLE)
TAGGED = {"StringEquals": {"aws:ResourceTag/team": "red"}}


@pytest.mark.parametrize(
    ("call", "statements"),
    [
        (START, [allow("states:StartExecution")]),
        (START, [allow("states:*", "arn:aws:states:*:*:stateMachine:*")]),
        (START, [allow("*", f"{MACHINE}*")]),
        # An action that knows no resource, and what the Allow does not depend on.
        (states("ListActivities"), [allow("states:ListActivities")]),
        (START, [allow("*"), allow("states:*", f"{MACHINE}one")]),
        # It is on an execution or a map run: both are allowed, one by each statement.
        (
            states("ListExecutions"),
            [
                allow("states:ListExecutions", f"{MACHINE}*"),
                allow("states:ListExecutions", "arn:aws:states:*:*:mapRun:*/*:*"),
            ],
        ),
        (START, [allow("*"), allow("s3:*") | {"Effect": "Deny"}]),
        (START, [allow("*"), allow("*", "arn:aws:s3:::*") | {"Effect": "Deny"}]),
        # What a request of this action never has.
        (START, [allow("*") | {"Condition": {"Null": {"aws:TagKeys": "true"}}}]),
        (CREATE, [allow("states:*"), allow("iam:PassRole", ROLE)]),
    ],
)
def test_what_is_allowed_whatever_the_resource_passes(
    gate: Gate, iam: Client, call: Call, statements: list[dict[str, object]]
) -> None:
    """The action has the operation's name; nothing is asked that cannot be told."""
    put(gate, iam, "worker", *statements)

    gate.check(call, KEY)

    assert {one["decision"] for one in decisions(gate)} == {"allowed"}


@pytest.mark.parametrize(
    ("call", "statements", "decision"),
    [
        (START, [allow("states:DescribeExecution")], "implicitDeny"),
        (START, [allow("states:*", "arn:aws:s3:::*")], "implicitDeny"),
        (START, [allow("states:*", MACHINE.replace("states", "sqs"))], "implicitDeny"),
        (START, [allow("*"), allow("states:*") | {"Effect": "Deny"}], "explicitDeny"),
        (
            START,
            [allow("*"), allow("states:*", f"{MACHINE}*") | {"Effect": "Deny"}],
            "explicitDeny",
        ),
        (states("ListActivities"), [allow("states:*", f"{MACHINE}*")], "implicitDeny"),
        # Whether the Deny applies is not known, but nothing allows it either.
        (START, [allow("*", f"{MACHINE}two") | {"Effect": "Deny"}], "implicitDeny"),
        (CREATE, [allow("states:*")], "implicitDeny"),
        (
            CREATE,
            [allow("*"), allow("iam:PassRole", ROLE) | {"Effect": "Deny"}],
            "explicitDeny",
        ),
    ],
)
def test_what_no_resource_is_allowed_is_denied(
    gate: Gate,
    iam: Client,
    call: Call,
    statements: list[dict[str, object]],
    decision: str,
) -> None:
    """With AWS's words: no policy allows it, or one denies it."""
    put(gate, iam, "worker", *statements)

    told = denial_of(gate, call)

    assert "is not authorized to perform: " in told.message
    assert decisions(gate)[-1]["decision"] == decision


@pytest.mark.parametrize(
    ("call", "statements"),
    [
        (START, [allow("states:*", f"{MACHINE}one")]),
        (START, [allow("states:*", f"{MACHINE}o*")]),
        (START, [allow("states:*", f"{MACHINE}?")]),
        (START, [allow("states:*", f"{MACHINE}???")]),
        (START, [allow("states:*", MACHINE + "?" * 99)]),
        (START, [allow("states:*", MACHINE)]),
        (START, [allow("states:*", MACHINE + "${aws:username}")]),
        (START, [allow("*"), allow("*", f"{MACHINE}two") | {"Effect": "Deny"}]),
        (START, [{"Effect": "Allow", "Action": "*", "NotResource": f"{MACHINE}two"}]),
        (
            START,
            [
                allow("*"),
                {"Effect": "Deny", "Action": "*", "NotResource": f"{MACHINE}one"},
            ],
        ),
        (
            START,
            [
                {"Effect": "Allow", "Action": "*", "NotResource": f"{MACHINE}two"},
                allow("*", f"{MACHINE}one"),
            ],
        ),
        # The tags of a resource that is not known, in each of their places.
        (START, [allow("*") | {"Condition": TAGGED}]),
        (START, [allow("*"), allow("*") | {"Effect": "Deny", "Condition": TAGGED}]),
        (
            START,
            [
                allow("*"),
                allow("*")
                | {
                    "Effect": "Deny",
                    "Condition": {
                        "StringNotEquals": {"aws:userid": "${aws:ResourceTag/owner}"}
                    },
                },
            ],
        ),
        (
            states("ListExecutions"),
            [allow("states:ListExecutions", f"{MACHINE}*")],
        ),
        (
            CREATE,
            [
                allow("states:*"),
                allow("iam:PassRole", ROLE)
                | {"Condition": {"StringEquals": {"iam:PassedToService": "states"}}},
            ],
        ),
        (
            states("CreateStateMachine", name="m", roleArn="machine"),
            [allow("states:*"), allow("iam:PassRole", ROLE)],
        ),
        # Another account's, whose own policies are not read.
        (
            states(
                "StartExecution", stateMachineArn=MACHINE.replace(ACCOUNT, "9" * 12)
            ),
            [allow("*")],
        ),
        (states("StartExecution", of={"owner": "9" * 12}), [allow("*")]),
        (states("StartExecution", arn=MACHINE.replace("us-", "eu-")), [allow("*")]),
    ],
)
def test_what_depends_on_the_resource_is_refused_with_that_reason(
    gate: Gate, iam: Client, call: Call, statements: list[dict[str, object]]
) -> None:
    """Neither allowed nor called a lack of permission."""
    put(gate, iam, "worker", *statements)

    told = denial_of(gate, call)

    assert UNKNOWN in told.message
    assert decisions(gate)[-1]["decision"] == "error"
    assert gate.state == ACTIVE


def test_a_policy_on_a_resource_that_is_not_known_counts(
    gate: Gate, iam: Client
) -> None:
    """The bucket may deny what the role is allowed."""
    put(gate, iam, "worker", allow("*"))

    told = denial_of(gate, a_call("PutBucketRequestPayment", "s3", Bucket="b"))

    assert UNKNOWN in told.message


def test_an_operation_without_an_action_of_its_name_is_refused(
    gate: Gate, iam: Client
) -> None:
    """KMS asks for two actions, of neither name."""
    put(gate, iam, "worker", allow("*"))

    told = denial_of(gate, a_call("ReEncrypt", "kms"))

    assert "AWS has no action of its name" in told.message


def test_a_policy_of_the_whole_account_hides_no_group(gate: Gate, iam: Client) -> None:
    """A call on whichever log groups there are is decided all the same."""
    put(gate, iam, "worker", allow("logs:GetQueryResults"))

    gate.check(a_call("GetQueryResults", "logs"), KEY)
