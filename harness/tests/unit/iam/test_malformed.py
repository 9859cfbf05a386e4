"""What IAM would refuse is refused, and the message says where."""

from typing import Any

import pytest

from sam_harness.iam.evaluate import Policies, evaluate
from sam_harness.iam.policy import MalformedPolicy, PolicyKind, compile_policy
from sam_harness.iam.request import MalformedRequest, Request

ALLOW = {"Effect": "Allow", "Action": "*", "Resource": "*"}
USER = "arn:aws:iam::111122223333:user/David"
SESSION = "arn:aws:sts::111122223333:assumed-role/worker/one"


def when(operator: str, value: object, key: str = "aws:x") -> dict[str, object]:
    """Return a statement with one condition."""
    return ALLOW | {"Condition": {operator: {key: value}}}


@pytest.mark.parametrize(
    ("statement", "complaint"),
    [
        (when("StringMatches", "a"), "unknown condition operator 'StringMatches'"),
        (when("stringequals", "a"), "unknown condition operator"),
        (when("ForSomeValues:StringEquals", "a"), "unknown condition operator"),
        (when("NullIfExists", "true"), "unknown condition operator"),
        (when("StringEqualsIfExistsIfExists", "a"), "unknown condition operator"),
        (when("NumericEquals", "ten"), "is not a number"),
        (when("NumericEquals", "NaN"), "is not a number"),
        (when("DateEquals", "tomorrow"), "neither an ISO 8601 date"),
        (when("DateEquals", "2020-13-01"), "month"),
        (when("DateEquals", "1" + "0" * 17), "is no date"),
        (when("DateEquals", "1" + "0" * 20), "is no date"),
        (when("Bool", "yes"), "neither true nor false"),
        (when("Null", "yes"), "neither true nor false"),
        (when("BinaryEquals", "%"), "is not base64"),
        (when("IpAddress", "300.1.1.1"), "does not appear to be an IPv4"),
        (when("ArnLike", "arn:aws:s3"), "six parts of an ARN"),
        (when("StringEquals", []), "no value"),
        (when("StringEquals", None), "not a string"),
        (when("StringEquals", "a", "SourceIp"), "no prefix"),
        (when("StringEquals", "${aws:username"), "closing brace"),
        (when("StringEquals", "${aws:username}/${aws:userid"), "closing brace"),
        (when("StringEquals", "${}"), "not a policy variable"),
        (ALLOW | {"Condition": []}, "Condition is not a JSON object"),
        (ALLOW | {"Effect": "allow"}, "neither Allow nor Deny"),
        (ALLOW | {"Resources": "*"}, "unknown element 'Resources'"),
        (ALLOW | {"NotAction": "s3:*"}, "both Action and NotAction"),
        (ALLOW | {"Action": []}, "Action is not a string or a list of strings"),
        (ALLOW | {"Resource": []}, "Resource is not a string or a list of strings"),
        (ALLOW | {"Resource": ["*", 5]}, "list of strings"),
        (ALLOW | {"Resource": ["*", ""]}, "list of strings"),
        (ALLOW | {"Action": "SendMessage"}, "not an action"),
        (ALLOW | {"Resource": "queue"}, "neither an ARN nor *"),
        (ALLOW | {"Resource": "arn:aws:sqs:queue"}, "six parts of an ARN"),
        (ALLOW | {"Resource": "arn:aws:sqs:eu-west-1:queue"}, "six parts of an ARN"),
        (ALLOW | {"Principal": "*"}, "cannot be used"),
        (ALLOW | {"NotPrincipal": "*"}, "cannot be used"),
        ({"Effect": "Allow", "Action": "*"}, "neither Resource nor NotResource"),
        ({"Effect": "Allow", "Resource": "*"}, "neither Action nor NotAction"),
    ],
)
def test_a_malformed_statement_is_named(
    statement: dict[str, Any], complaint: str
) -> None:
    """The error names policy and statement, by Sid where there is one."""
    document = {"Version": "2012-10-17", "Statement": [ALLOW, statement]}
    with pytest.raises(MalformedPolicy, match="mine: statement 1: ") as by_index:
        compile_policy(document, PolicyKind.IDENTITY, "mine")
    document["Statement"] = [statement | {"Sid": "Second"}]
    with pytest.raises(MalformedPolicy, match="mine: statement 'Second': "):
        compile_policy(document, PolicyKind.IDENTITY, "mine")

    assert complaint in str(by_index.value)


@pytest.mark.parametrize(
    ("principal", "complaint"),
    [
        ({"AWS": "arn:aws:iam::111122223333:role/*"}, "a wildcard cannot be part"),
        ({"AWS": "arn:aws:iam::111122223333:role/?"}, "a wildcard cannot be part"),
        ({"Service": "*"}, "a wildcard cannot be part"),
        ({"CanonicalUser": "79a5"}, "not a principal of type CanonicalUser"),
        ({"AWS": []}, "Principal AWS is not a string"),
        ({"AWS": "David"}, "not a principal of type AWS"),
        ({"Service": "lambda"}, "not a principal of type Service"),
        ({"User": USER}, "not one of AWS"),
        ({}, "neither * nor an object"),
        (USER, "neither * nor an object"),
    ],
)
def test_a_malformed_principal_is_named(principal: object, complaint: str) -> None:
    """Only what IAM accepts may be a Principal of a resource policy."""
    document = {"Version": "2012-10-17", "Statement": ALLOW | {"Principal": principal}}

    with pytest.raises(MalformedPolicy) as error:
        compile_policy(document, PolicyKind.RESOURCE, "queue")

    assert complaint in str(error.value)


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ([], "a JSON object"),
        ({"Version": "2012-10-17"}, "no Statement"),
        ({"Version": "2012-10-17", "Statement": []}, "no Statement"),
        ({"Version": "2020-01-01", "Statement": ALLOW}, "unknown Version '2020-01-01'"),
        ({"Version": "2012-10-17", "Statements": ALLOW}, "unknown element"),
        ({"Statement": [ALLOW | {"Sid": "A"}, ALLOW | {"Sid": "A"}]}, "two statements"),
        ({"Statement": [ALLOW, "Allow"]}, "statement 1: not a JSON object"),
        ({"Statement": ALLOW | {"Sid": 5}}, "statement 0: Sid is not a string"),
        ({"Statement": {"Sid": "", "Effect": "Maybe"}}, "statement 0: Effect is"),
    ],
)
def test_a_malformed_policy_is_named(document: object, complaint: str) -> None:
    """The error names the policy."""
    with pytest.raises(MalformedPolicy, match="mine: ") as error:
        compile_policy(document, PolicyKind.IDENTITY, "mine")

    assert complaint in str(error.value)


def test_a_resource_policy_needs_a_principal() -> None:
    """No principal named is not every principal."""
    with pytest.raises(MalformedPolicy, match="neither Principal nor NotPrincipal"):
        compile_policy({"Statement": ALLOW}, PolicyKind.RESOURCE, "queue")


def test_a_trust_policy_has_no_resource() -> None:
    """It applies to its own role, so IAM refuses one."""
    statement = ALLOW | {"Principal": "*"}

    with pytest.raises(MalformedPolicy, match="Resource cannot be used"):
        compile_policy({"Statement": statement}, PolicyKind.TRUST, "trust")


@pytest.mark.parametrize(
    "asked",
    [
        ("David", "sqs:SendMessage", "*"),
        (USER, "SendMessage", "*"),
        (USER, "sqs:*", "*"),
        (USER, "sqs:SendMessage", "queue"),
    ],
)
def test_an_impossible_request_is_refused(asked: tuple[str, str, str]) -> None:
    """A misspelt request must not pass for one that is merely denied."""
    with pytest.raises(MalformedRequest):
        Request.of(*asked)


@pytest.mark.parametrize(
    ("principal", "given", "decision"),
    [
        (USER, USER, "allowed"),
        (SESSION, "arn:aws:iam::111122223333:role/path/worker", "allowed"),
        (SESSION, None, "implicitDeny"),
    ],
)
def test_the_context_may_name_the_role_behind_a_session(
    principal: str, given: str | None, decision: str
) -> None:
    """A session's ARN lacks its role's path; a user's own ARN changes nothing."""
    boundary = compile_policy(
        {"Statement": ALLOW | {"Action": "sqs:*"}}, PolicyKind.BOUNDARY, "boundary"
    )
    named = {"AWS": [USER, "arn:aws:iam::111122223333:role/path/worker"]}
    statement = ALLOW | {"Principal": named}
    resource = compile_policy({"Statement": statement}, PolicyKind.RESOURCE, "queue")
    action = "s3:GetObject" if principal == USER else "sqs:SendMessage"
    context = {"aws:PrincipalArn": given} if given else {}
    request = Request.of(principal, action, "*", context)

    made = evaluate(Policies(boundary=boundary, resource=resource), request)

    assert str(made) == decision


@pytest.mark.parametrize(
    "kind", [PolicyKind.IDENTITY, PolicyKind.BOUNDARY, PolicyKind.SESSION]
)
def test_a_service_has_policies_of_resources_only(kind: PolicyKind) -> None:
    """Others could not apply, so they must not seem to."""
    policy = compile_policy({"Statement": ALLOW}, kind, "mine")
    attached = {
        PolicyKind.IDENTITY: Policies(identity=(policy,)),
        PolicyKind.BOUNDARY: Policies(boundary=policy),
        PolicyKind.SESSION: Policies(session=(policy,)),
    }
    request = Request.of("lambda.amazonaws.com", "sqs:SendMessage", "*")

    with pytest.raises(MalformedRequest, match="only a resource policy"):
        evaluate(attached[kind], request)


@pytest.mark.parametrize(
    ("effect", "decision"), [("Allow", "implicitDeny"), ("Deny", "explicitDeny")]
)
@pytest.mark.parametrize(
    "statement",
    [
        {**ALLOW, "Condition": {"StringEquals": {"aws:TagKeys": "a"}}},
        {
            **ALLOW,
            "Condition": {
                "StringNotEquals": {"aws:ResourceTag/x": "${aws:PrincipalTag/x}"}
            },
        },
        {"Action": "*", "NotResource": "arn:aws:s3:::${aws:PrincipalTag/x}"},
    ],
)
def test_what_iam_leaves_open_is_denied(
    statement: dict[str, Any], effect: str, decision: str
) -> None:
    """Many values without a set operator, unresolved variables: the stricter way."""
    statements = [statement | {"Effect": effect}]
    if effect == "Deny":
        statements.append(ALLOW)
    document = {"Version": "2012-10-17", "Statement": statements}
    policy = compile_policy(document, PolicyKind.IDENTITY, "mine")
    context = {"aws:TagKeys": ["a", "b"], "aws:ResourceTag/x": "y"}

    made = evaluate(Policies((policy,)), Request.of(USER, "s3:GetObject", "*", context))

    assert str(made) == decision
