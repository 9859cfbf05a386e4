"""Roles that are taken on with a token, as GitHub's jobs do."""

import base64
import json
import time
from typing import Any

import pytest

from harness.tests.unit.localstack.gate.callers import (
    ACCOUNT,
    Client,
    a_call,
    denial_of,
    document,
)
from sam_harness.iam.call import Call
from sam_harness.localstack.gate import caller
from sam_harness.localstack.gate.gate import Gate

ISSUER = "tokens.example.com"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{ISSUER}"
TRUST = {
    "Effect": "Allow",
    "Principal": {"Federated": PROVIDER},
    "Action": "sts:AssumeRoleWithWebIdentity",
    "Condition": {
        "StringEquals": {
            f"{ISSUER}:aud": "sts.amazonaws.com",
            f"{ISSUER}:sub": "repo:owner/name:environment:test",
            "aws:RequestedRegion": "us-east-1",
        }
    },
}
CLAIMS: dict[str, Any] = {
    "iss": f"https://{ISSUER}",
    "aud": "sts.amazonaws.com",
    "sub": "repo:owner/name:environment:test",
    "exp": time.time() + 300,
}


@pytest.fixture
def trusted(iam: Client) -> Client:
    """Return IAM with the provider, and a role that trusts one subject of it."""
    iam.create_open_id_connect_provider(
        Url=f"https://{ISSUER}", ClientIDList=["sts.amazonaws.com"]
    )
    iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=document(TRUST))
    return iam


def assuming(**claims: object) -> Call:
    """Return the call with a token of these claims; it lacks one that is None."""
    said = {key: one for key, one in (CLAIMS | claims).items() if one is not None}
    payload = base64.urlsafe_b64encode(json.dumps(said).encode())
    return a_call(
        "AssumeRoleWithWebIdentity",
        "sts",
        RoleArn=f"arn:aws:iam::{ACCOUNT}:role/deploy",
        RoleSessionName="one",
        WebIdentityToken=f"e30.{payload.decode().rstrip('=')}.none",
    )


@pytest.mark.usefixtures("trusted")
def test_the_subject_that_is_trusted_gets_the_role(gate: Gate) -> None:
    """Such a call is not signed."""
    gate.check(assuming(), caller.UNSIGNED)

    told: Any = gate.record.report()["decisions"]
    assert [one["decision"] for one in told] == ["allowed"]


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize(
    "sub",
    [
        "repo:owner/other:environment:test",
        "repo:owner/name:environment:production",
        "repo:owner/name:ref:refs/heads/main",
        "repo:owner@1/name@2:environment:test",
    ],
)
def test_another_subject_does_not(gate: Gate, sub: str) -> None:
    """Of another repository, another environment, or of none."""
    told = denial_of(gate, assuming(sub=sub), caller.UNSIGNED)

    assert told.code == "AccessDenied"
    assert "sts:AssumeRoleWithWebIdentity" in told.message


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"aud": "another"}, "has no another"),
        ({"iss": "https://other.example.com"}, "is not there"),
        ({"exp": 1}, "expired"),
        ({"exp": None}, "says not when"),
        ({"aud": ["sts.amazonaws.com"]}, "lacks iss, aud or sub"),
        ({"iss": None}, "lacks iss, aud or sub"),
        ({"sub": None}, "lacks iss, aud or sub"),
    ],
)
def test_a_token_that_sts_does_not_take_is_refused(
    gate: Gate, claims: dict[str, object], said: str
) -> None:
    """Before any policy is asked."""
    told = denial_of(gate, assuming(**claims), caller.UNSIGNED)

    assert said in told.message
    assert told.code == "InvalidIdentityToken"


@pytest.mark.parametrize(("amr", "is_trusted"), [("authenticated", True), ("x", False)])
def test_a_claim_may_have_several_values(
    gate: Gate, trusted: Client, amr: str, *, is_trusted: bool
) -> None:
    """How a user was authenticated is a list.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
    """
    limit = {"ForAnyValue:StringEquals": {f"{ISSUER}:amr": "authenticated"}}
    trusted.update_assume_role_policy(
        RoleName="deploy", PolicyDocument=document(TRUST | {"Condition": limit})
    )

    if is_trusted:
        gate.check(assuming(amr=["pwd", amr]), caller.UNSIGNED)
    else:
        denial_of(gate, assuming(amr=["pwd", amr]), caller.UNSIGNED)


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("token", ["x", "e30.x.none", "e30.W10.none"])
def test_what_is_no_token_is_refused(gate: Gate, token: str) -> None:
    """It has no three parts, is no JSON, or has no claims."""
    call = a_call(
        "AssumeRoleWithWebIdentity", "sts",
        RoleArn=f"arn:aws:iam::{ACCOUNT}:role/deploy", WebIdentityToken=token,
    )  # fmt: skip

    assert denial_of(gate, call, caller.UNSIGNED).code == "InvalidIdentityToken"
