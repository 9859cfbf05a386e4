"""Roles, their keys and their calls, for the tests of the gate."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import boto3
import pytest

from harness.tests.unit.iam.calls import members
from sam_harness.iam.call import Call
from sam_harness.localstack.gate.denial import DeniedCall
from sam_harness.localstack.gate.gate import Gate

ACCOUNT = "123456789012"  # moto's
REGION = "us-east-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/worker"
QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:queue"
URL = f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/queue"
KEY = "LSIAQAAAAAAAGMKEM7X5"
TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"},
         "Action": "sts:AssumeRole"}  # fmt: skip

type Pairs = Mapping[str, str]


def document(*statements: Mapping[str, object]) -> str:
    """Write a policy."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def allow(action: str, resource: str = "*") -> dict[str, str]:
    """Write a statement."""
    return {"Effect": "Allow", "Action": action, "Resource": resource}


def when(operator: str, key: str, value: str, effect: str = "Allow") -> dict[str, Any]:
    """Write a statement about everything, on a condition."""
    return {**allow("*"), "Effect": effect, "Condition": {operator: {key: value}}}


def listed(tags: Pairs) -> list[dict[str, str]]:
    """Write tags as most services take them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def a_call(operation: str, service: str = "sqs", **parameters: object) -> Call:
    """Make a call in moto's account."""
    known = tuple(members(service, operation))
    return Call(service, operation, parameters, ACCOUNT, "us-east-1", members=known)


SEND = a_call("SendMessage", QueueUrl=URL, MessageBody="{}")
# boto3 makes its clients at run time.
type Client = Any


@cache
def clients(service: str, _account: str, region: str) -> Client:
    """Make a client of moto's only account, once: each takes 10 ms."""
    return boto3.client(service, region_name=region or "us-east-1")  # type: ignore[call-overload] # any service


def assume(
    gate: Gate,
    key: str = KEY,
    hours: int = 1,
    limits: Mapping[str, object] | None = None,
    by: str = "",
) -> None:
    """Let the gate see an answer of AssumeRole, to who has the key ``by``."""
    expires = datetime.now(UTC) + timedelta(hours=hours)
    wanted = {"RoleArn": ROLE, "RoleSessionName": "one", **(limits or {})}
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/one"
    gate.answered(
        a_call("AssumeRole", "sts", **wanted),
        {
            "Credentials": {
                "AccessKeyId": key,
                "SessionToken": f"token of {key}",
                "Expiration": expires,
            },
            "AssumedRoleUser": {"Arn": session, "AssumedRoleId": "AROA:one"},
        },
        by,
    )


def denial_of(gate: Gate, call: Call, key: str = KEY, **internal: str) -> DeniedCall:
    """Return the denial of a call that must not pass."""
    with pytest.raises(DeniedCall) as told:
        gate.check(call, key, internal)
    return told.value


def change(gate: Gate, make: Callable[..., object], **parameters: object) -> None:
    """Change something in IAM, as a call that the gate sees served."""
    make(**parameters)
    gate.answered(a_call("PutRolePolicy", "iam", **parameters), {})


def put(gate: Gate, iam: Client, name: str, *statements: Mapping[str, object]) -> None:
    """Give the role an inline policy."""
    change(gate, iam.put_role_policy, RoleName="worker", PolicyName=name,
           PolicyDocument=document(*statements))  # fmt: skip


def decisions(gate: Gate) -> list[dict[str, Any]]:
    """Return what was recorded."""
    listed: Any = gate.record.report()["decisions"]
    return list(listed)
