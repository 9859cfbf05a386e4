"""Decisions that AWS's documentation states, page by page (see ``decided/``)."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from sam_harness.iam.evaluate import Policies, evaluate
from sam_harness.iam.policy import PolicyKind, compile_policy
from sam_harness.iam.request import Request

ACCOUNT = "111122223333"
FOREIGN = "444455556666"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/worker"
PRINCIPALS = {
    "user": f"arn:aws:iam::{ACCOUNT}:user/David",
    "upper_user": f"arn:aws:iam::{ACCOUNT}:user/DAVID",
    "other_user": f"arn:aws:iam::{ACCOUNT}:user/Eve",
    "root": f"arn:aws:iam::{ACCOUNT}:root",
    "role": ROLE,
    "session": f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/one",
    "other_session": f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/two",
    "federated": f"arn:aws:sts::{ACCOUNT}:federated-user/Bob",
    "service": "lambda.amazonaws.com",
    "other_service": "sns.amazonaws.com",
    "provider": "accounts.google.com",
}
REQUESTS = {
    "own": ("sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{ACCOUNT}:queue"),
    "foreign": ("sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{FOREIGN}:queue"),
    "key": ("kms:Decrypt", f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"),
    "assume": ("sts:AssumeRole", ROLE),
    "assume_web": ("sts:AssumeRoleWithWebIdentity", ROLE),
}
ALLOW: dict[str, object] = {"Effect": "Allow", "Action": "*", "Resource": "*"}
DENY = ALLOW | {"Effect": "Deny"}
OTHER = ALLOW | {"Action": "sqs:ReceiveMessage"}
DISTRIBUTION = {
    "AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"
}
BY_ACCOUNT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}


def aws(*names: str) -> dict[str, list[str]]:
    """Return the Principal element that names these principals."""
    return {"AWS": [PRINCIPALS[name] for name in names]}


def trust(principal: object, effect: str = "Allow") -> dict[str, object]:
    """Return a statement of a trust policy."""
    return {"Effect": effect, "Action": "sts:*", "Principal": principal}


POLICIES: dict[str, dict[str, object]] = {
    "allow": ALLOW,
    "allow_other": OTHER,
    "deny": DENY,
    "allow_user": ALLOW | {"Principal": aws("user")},
    "allow_role": ALLOW | {"Principal": aws("role")},
    "allow_session": ALLOW | {"Principal": aws("session")},
    "allow_role_and_session": ALLOW | {"Principal": aws("role", "session")},
    "allow_federated": ALLOW | {"Principal": aws("federated")},
    "allow_distribution": ALLOW | {"Principal": DISTRIBUTION},
    "allow_canonical_user": ALLOW | {"Principal": {"CanonicalUser": "79a5" * 16}},
    "allow_deleted": ALLOW | {"Principal": {"AWS": "AROADBQP57FF2AEXAMPLE"}},
    "allow_everyone": ALLOW | {"Principal": "*"},
    "allow_account": ALLOW | {"Principal": BY_ACCOUNT},
    "allow_foreign_account": ALLOW | {"Principal": {"AWS": FOREIGN}},
    "allow_service": ALLOW | {"Principal": {"Service": PRINCIPALS["service"]}},
    "allow_all_but_user": ALLOW | {"NotPrincipal": aws("user")},
    "allow_all_but_everyone": ALLOW | {"NotPrincipal": {"AWS": "*"}},
    "deny_all_but_everyone": DENY | {"NotPrincipal": "*"},
    "deny_other_queue": DENY | {"Resource": f"arn:aws:sqs:*:{ACCOUNT}:other"},
    "deny_everyone": DENY | {"Principal": {"AWS": "*"}},
    "deny_account_id": DENY | {"Principal": {"AWS": ACCOUNT}},
    "deny_role": DENY | {"Principal": aws("role")},
    "deny_all_but_user": DENY | {"NotPrincipal": aws("user", "root")},
    "deny_all_but_session": DENY | {"NotPrincipal": aws("session", "role", "root")},
    "deny_all_but_bare_session": DENY | {"NotPrincipal": aws("session", "root")},
    "trust_service": trust({"Service": PRINCIPALS["service"]}),
    "trust_user": trust(aws("user")),
    "trust_account": trust(BY_ACCOUNT),
    "trust_provider": trust({"Federated": "accounts.google.com"}),
    "trust_nobody": trust("*", "Deny"),
}


def decided(name: str) -> list[Any]:
    """Read the cases of a file, each with its page and sentence as its id."""
    written = (Path(__file__).parent / "decided" / f"{name}.yaml").read_text("utf-8")
    return [
        pytest.param(*case, id=f"{group['page'].rsplit('/', 1)[-1]}: {sentence}")
        for group in yaml.load(written, Loader=yaml.CSafeLoader)
        for sentence, *case in group["cases"]
    ]


def policies_of(named: dict[str, Any]) -> Policies:
    """Compile the policies that a case names."""

    def one(name: str | None, kind: PolicyKind) -> Any:  # noqa: ANN401 - Policy | None
        document = name and {"Version": "2012-10-17", "Statement": POLICIES[name]}
        return compile_policy(document, kind, str(name)) if name else None

    trusting = named.get("trust")
    return Policies(
        tuple(one(name, PolicyKind.IDENTITY) for name in named.get("identity", ())),
        one(named.get("boundary"), PolicyKind.BOUNDARY),
        tuple(one(name, PolicyKind.SESSION) for name in named.get("session", ())),
        one(trusting, PolicyKind.TRUST)
        or one(named.get("resource"), PolicyKind.RESOURCE),
    )


def decision_of(statement: dict[str, object], request: Request) -> str:
    """Decide with one statement of an identity policy."""
    statement = ALLOW | statement
    for element in ("Action", "Resource"):
        if f"Not{element}" in statement:
            del statement[element]
    version = statement.pop("Version", "2012-10-17")
    document = {"Statement": [statement]} | ({"Version": version} if version else {})
    policy = compile_policy(document, PolicyKind.IDENTITY, "policy")
    return str(evaluate(Policies((policy,)), request))


@pytest.mark.parametrize(("condition", "context", "holds"), decided("conditions"))
def test_a_condition_holds_as_documented(
    condition: dict[str, Any], context: dict[str, Any], *, holds: bool
) -> None:
    """A statement with the condition applies exactly when the page says so."""
    request = Request.of(PRINCIPALS["user"], "s3:ListBucket", "*", context)

    decision = decision_of({"Condition": condition}, request)

    assert decision == ("allowed" if holds else "implicitDeny")


@pytest.mark.parametrize(
    ("statement", "action", "resource", "applies"), decided("matching")
)
def test_a_statement_applies_as_documented(
    statement: dict[str, Any], action: str, resource: str, *, applies: bool
) -> None:
    """Actions and resources match exactly when the page says so."""
    request = Request.of(PRINCIPALS["user"], action, resource)

    assert decision_of(statement, request) == ("allowed" if applies else "implicitDeny")


@pytest.mark.parametrize(
    ("named", "principal", "request_name", "decision"), decided("evaluation")
)
def test_policies_together_decide_as_documented(
    named: dict[str, Any], principal: str, request_name: str, decision: str
) -> None:
    """Policies of all kinds combine as the page says."""
    request = Request.of(PRINCIPALS[principal], *REQUESTS[request_name])

    assert str(evaluate(policies_of(named), request)) == decision
