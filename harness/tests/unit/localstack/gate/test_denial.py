"""Denials read the way AWS writes them."""

import pytest

from sam_harness.iam.evaluate import Decision, Match
from sam_harness.iam.policy import PolicyKind
from sam_harness.iam.request import Request
from sam_harness.localstack.gate.denial import denied, unsigned, without_decision

SESSION = "arn:aws:sts::111122223333:assumed-role/worker/one"
TABLE = "arn:aws:dynamodb:eu-west-1:111122223333:table/t"
QUEUE = "arn:aws:sqs:eu-west-1:111122223333:q"


@pytest.mark.parametrize(
    ("kind", "implicit", "explicit"),
    [
        (
            PolicyKind.IDENTITY,
            "because no identity-based policy allows the dynamodb:PutItem action",
            "with an explicit deny in an identity-based policy",
        ),
        (
            PolicyKind.BOUNDARY,
            "because no permissions boundary allows the dynamodb:PutItem action",
            "with an explicit deny in a permissions boundary",
        ),
        (
            PolicyKind.SESSION,
            "because no session policy allows the dynamodb:PutItem action",
            "with an explicit deny in a session policy",
        ),
        (
            PolicyKind.RESOURCE,
            "because no resource-based policy allows the dynamodb:PutItem action",
            "with an explicit deny in a resource-based policy",
        ),
        (
            PolicyKind.TRUST,
            "because no role trust policy allows the dynamodb:PutItem action",
            "with an explicit deny in the role trust policy",
        ),
    ],
)
def test_the_sentence_names_the_policy_that_denied(
    kind: PolicyKind, implicit: str, explicit: str
) -> None:
    """Each kind of policy has its own ending, for each kind of denial."""
    request = Request.of(SESSION, "dynamodb:PutItem", TABLE)
    start = (
        f"User: {SESSION} is not authorized to perform: dynamodb:PutItem"
        f" on resource: {TABLE} "
    )

    said = denied(request, Decision((), kind))
    forbidden = denied(request, Decision((Match("p", 0, "Deny"),), kind))

    assert said.message == start + implicit
    assert forbidden.message == start + explicit


@pytest.mark.parametrize(
    ("action", "resource", "code", "http_status", "part"),
    [
        ("dynamodb:PutItem", TABLE, "AccessDeniedException", 400, "dynamodb:PutItem"),
        ("sqs:SendMessage", QUEUE, "AccessDeniedException", 403, "sqs:sendmessage on"),
        ("s3:GetObject", "arn:aws:s3:::b/k", "AccessDenied", 403, '"arn:aws:s3:::b/k"'),
        ("sns:Publish", "*", "AuthorizationError", 403, "perform: SNS:Publish on"),
        ("lambda:GetFunction", "*", "AccessDeniedException", 403, "lambda:GetFunction"),
        ("iam:GetRole", "*", "AccessDenied", 403, "iam:GetRole"),
    ],
)
def test_code_and_status_are_the_service_s_own(
    action: str, resource: str, code: str, http_status: int, part: str
) -> None:
    """Services differ in code, status and spelling."""
    answer = denied(
        Request.of(SESSION, action, resource), Decision((), PolicyKind.IDENTITY)
    )

    assert (answer.code, answer.http_status) == (code, http_status)
    assert part in answer.message


@pytest.mark.parametrize(
    ("service", "code", "http_status"),
    [("sqs", "AccessDeniedException", 403), ("s3", "AccessDenied", 403),
     ("dynamodb", "AccessDeniedException", 400)],
)  # fmt: skip
def test_what_is_not_decided_is_denied_with_the_services_code(
    service: str, code: str, http_status: int
) -> None:
    """And with the gate's own words, which AWS does not have."""
    answer = without_decision(service, "why")

    assert (answer.code, answer.http_status) == (code, http_status)
    assert answer.message == "The IAM gate denied this call: why"


def test_a_call_without_a_signature_is_told_so() -> None:
    """S3 has another code for it."""
    answer = unsigned("sqs")

    assert (answer.code, answer.http_status) == ("MissingAuthenticationToken", 403)
    assert answer.message == "Request is missing Authentication Token"
    assert unsigned("s3").code == "AccessDenied"
