"""What a session of a role has of how it came about."""

import pytest

from harness.tests.unit.localstack.gate.callers import (
    KEY,
    SEND,
    Client,
    allow,
    assume,
    denial_of,
    put,
)
from sam_harness.localstack.gate.gate import Gate

LAST = "LSIALAST"


def deny(gate: Gate, iam: Client, operator: str, key: str, value: str) -> None:
    """Allow everything but on a condition."""
    condition = {operator: {key: value}}
    put(gate, iam, "all", allow("*"))
    put(gate, iam, "no", {**allow("*"), "Effect": "Deny", "Condition": condition})


@pytest.mark.parametrize(
    ("key", "value"),
    [("aws:PrincipalTag/Team", "red"), ("aws:SourceIdentity", "alice")],
)
def test_what_is_transitive_stays_in_a_chain_of_roles(
    gate: Gate, iam: Client, key: str, value: str
) -> None:
    """Whatever the next one says; other tags are its own.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_role-chaining
    """
    tags = [{"Key": "team", "Value": "red"}, {"Key": "Own", "Value": "red"}]
    first = {"Tags": tags, "TransitiveTagKeys": ["Team"], "SourceIdentity": "alice"}
    other = {"Tags": [{"Key": "team", "Value": "blue"}], "SourceIdentity": "bob"}
    assume(gate, limits=first)
    assume(gate, "LSIANEXT", limits=other, by=KEY)
    assume(gate, LAST, by="LSIANEXT")

    deny(gate, iam, "StringEquals", key, value)
    assert "with an explicit deny" in denial_of(gate, SEND, LAST).message

    deny(gate, iam, "StringEquals", "aws:PrincipalTag/own", "red")
    gate.check(SEND, LAST)


def test_a_session_without_mfa_says_so(gate: Gate, iam: Client) -> None:
    """So that a Deny on false applies to it.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-multifactorauthpresent
    """
    deny(gate, iam, "Bool", "aws:MultiFactorAuthPresent", "false")

    assert "with an explicit deny" in denial_of(gate, SEND).message
    assume(gate, limits={"SerialNumber": "arn:aws:iam::123456789012:mfa/device"})
    gate.check(SEND, KEY)
