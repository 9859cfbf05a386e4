"""A policy that AWS refuses is refused when it is put."""

import json
from typing import Any

import pytest

from sam_harness.localstack.corrections.policies import problems

ALLOW = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
TRUST = {
    "Effect": "Allow",
    "Principal": {"Service": "lambda.amazonaws.com"},
    "Action": "sts:AssumeRole",
}
OPEN = {"Effect": "Allow", "Principal": "*"}
OBJECTS, BUCKET = "arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket"


def document(*statements: object) -> str:
    """Write a policy."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=4)


def on(action: object, resource: object) -> str:
    """Write a policy on a resource."""
    return document({**OPEN, "Action": action, "Resource": resource})


def told(operation: str, **request: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - boto3's
    """Return what AWS has against the policy of a request to ``service:Operation``."""
    service, _, name = operation.partition(":")
    return list(problems(service, name, request))


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (ALLOW | {"Principal": "*"}, "Principal cannot be used"),
        (ALLOW | {"Sid": "a b"}, "Sid 'a b' is not alphanumeric"),
        (ALLOW | {"Action": "GetObject"}, "is not an action"),
        (ALLOW | {"Resource": "bucket"}, "neither an ARN nor"),
        (ALLOW | {"Condition": {"StringIs": {"aws:x": "y"}}}, "unknown condition"),
    ],
    ids=str,
)
def test_a_policy_of_a_role_that_iam_refuses_is_refused(
    statement: dict[str, Any], said: str
) -> None:
    """However it comes to the role, or to a user or group."""
    for operation in (
        *("CreatePolicy", "CreatePolicyVersion"),
        *("PutGroupPolicy", "PutRolePolicy", "PutUserPolicy"),
    ):
        [(code, words)] = told(f"iam:{operation}", PolicyDocument=document(statement))
        assert (code, said in words) == ("MalformedPolicyDocument", True), words


@pytest.mark.parametrize("element", ["Resource", "NotResource"])
def test_a_policy_names_no_resource_of_another_partition(element: str) -> None:
    """As text or in a list; `*` is every partition."""
    other, allow = "arn:aws-cn:s3:::b", {"Effect": "Allow", "Action": "s3:GetObject"}
    for said in (other, ["arn:*:s3:::b", other]):
        policy = document(allow | {element: said})

        [(code, words)] = told("iam:PutRolePolicy", PolicyDocument=policy)

        assert code == "MalformedPolicyDocument"
        assert words == f'Partition "aws-cn" is not valid for resource "{other}".'
    own = {"PolicyDocument": document(allow | {element: other})}
    assert not list(problems("iam", "CreatePolicy", own, "aws-cn"))


@pytest.mark.parametrize("kind", ["Group", "Role", "User"])
def test_a_policy_of_another_partition_is_refused(kind: str) -> None:
    """As China and GovCloud are; whether it allows or limits."""
    own, other = "arn:aws:iam::aws:policy/Any", "arn:aws-us-gov:iam::aws:policy/Any"
    refused = [("InvalidInput", f"ARN {other} is not valid.")]

    assert told(f"iam:Attach{kind}Policy", PolicyArn=own) == []
    assert told(f"iam:Attach{kind}Policy", PolicyArn=other) == refused
    assert told(f"iam:Put{kind}PermissionsBoundary", PermissionsBoundary=own) == []
    assert told(f"iam:Put{kind}PermissionsBoundary", PermissionsBoundary=other)


@pytest.mark.parametrize(
    "principal",
    [
        {"Service": "lambda.amazon.com"},
        {"AWS": "someone"},
        {"AWS": "arn:aws:iam::000000000000:role/x*"},
        {},
    ],
    ids=str,
)
def test_a_role_trusts_principals_only(principal: dict[str, str]) -> None:
    """Of a name that is none, IAM makes no role."""
    trust = document(TRUST | {"Principal": principal})

    for name, parameter in (
        ("CreateRole", "AssumeRolePolicyDocument"),
        ("UpdateAssumeRolePolicy", "PolicyDocument"),
    ):
        [(code, _)] = told(f"iam:{name}", **{parameter: trust})
        assert code == "MalformedPolicyDocument"


def test_a_policy_has_so_many_characters_at_most() -> None:
    """Spaces do not count: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html."""
    size = len(json.dumps(json.loads(document(ALLOW)), separators=(",", ":")))
    for most in (6144, 10240):
        name = "CreatePolicy" if most == 6144 else "PutRolePolicy"
        fitting = ALLOW | {"Sid": "a" * (most - size - len('"Sid":"",'))}
        longer = ALLOW | {"Sid": fitting["Sid"] + "a"}

        assert not told(f"iam:{name}", PolicyDocument=document(fitting))
        [(code, _)] = told(f"iam:{name}", PolicyDocument=document(longer))
        assert code == "LimitExceeded"


@pytest.mark.parametrize(
    ("operation", "request_of", "code"),
    [
        ("sqs:CreateQueue", lambda text: {"Attributes": {"Policy": text}}, "Attribute"),
        (
            "sqs:SetQueueAttributes",
            lambda text: {"Attributes": {"Policy": text}},
            "Attribute",
        ),
        ("sns:CreateTopic", lambda text: {"Attributes": {"Policy": text}}, "Parameter"),
        (
            "sns:SetTopicAttributes",
            lambda text: {"AttributeName": "Policy", "AttributeValue": text},
            "Parameter",
        ),
        (
            "s3:PutBucketPolicy",
            lambda text: {"Bucket": "bucket", "Policy": text},
            "Malformed",
        ),
    ],
)
def test_a_policy_on_a_resource_names_principals_and_the_services_actions(
    operation: str,
    request_of: Any,  # noqa: ANN401 - a lambda
    code: str,
) -> None:
    """In each service's own code; its own actions are taken."""
    service = operation.partition(":")[0]
    for wrong in ("{", document(ALLOW), on("ec2:RunInstances", "*")):
        assert [code in one for one, _ in told(operation, **request_of(wrong))] == [
            True
        ]
    assert not told(operation, **request_of(on(f"{service}:*", "*")))
    assert not told(operation, **request_of(on("*", "*")))


@pytest.mark.parametrize(
    ("operation", "parameter", "code"),
    [
        ("events:PutPermission", "Policy", "ValidationException"),
        ("logs:PutResourcePolicy", "policyDocument", "InvalidParameterException"),
        (
            "secretsmanager:PutResourcePolicy",
            "ResourcePolicy",
            "MalformedPolicyDocumentException",
        ),
    ],
)
def test_a_policy_on_a_bus_a_log_or_a_secret_names_principals(
    operation: str, parameter: str, code: str
) -> None:
    """A bus has a permission without a policy, too."""
    for wrong in ("{", document(ALLOW), document(OPEN)):
        assert [one for one, _ in told(operation, **{parameter: wrong})] == [code]
    assert not told(operation, **{parameter: on(f"{operation[:4]}:*", "*")})
    assert not told(operation)


@pytest.mark.parametrize(
    ("action", "resource", "said"),
    [
        ("s3:ListBucket", OBJECTS, "does not apply to any resource"),
        ("s3:GetObject", BUCKET, "does not apply to any resource"),
        ("s3:GetObject", "arn:aws:s3:::other/*", "invalid resource"),
    ],
)
def test_a_bucket_policy_is_about_its_bucket(
    action: str, resource: str, said: str
) -> None:
    """And each of its actions about one of its resources.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
    """
    [(code, words)] = told(
        "s3:PutBucketPolicy", Bucket="bucket", Policy=on(action, resource)
    )

    assert (code, said in words) == ("MalformedPolicy", True)


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        (["s3:ListBucket", "s3:GetObject"], [BUCKET, OBJECTS]),
        ("s3:*", OBJECTS),
        ("s3:GetObject", "arn:aws:s3:::buck*"),
        ("s3:PutObject", "arn:aws:s3:::bucket/${aws:userid}/*"),
    ],
)
def test_a_bucket_policy_that_s3_takes_is_taken(
    action: object, resource: object
) -> None:
    """Wildcards may stand for either."""
    policy = on(action, resource)

    assert not told("s3:PutBucketPolicy", Bucket="bucket", Policy=policy)


def test_what_has_no_policy_is_not_looked_at() -> None:
    """Another attribute, another operation, a queue without."""
    assert not told("sqs:CreateQueue", QueueName="q", Attributes={"DelaySeconds": "1"})
    assert not told(
        "sns:SetTopicAttributes", AttributeName="DisplayName", AttributeValue="x"
    )
    assert not told("iam:GetRole", RoleName="x")


def test_a_policy_that_names_what_is_only_pretended_is_not_judged() -> None:
    """As a stack with an OIDC provider has one, which was allowed to be unproven."""
    trust = TRUST | {"Principal": {"Federated": "unknown"}}

    assert told("iam:CreateRole", AssumeRolePolicyDocument=document(trust)) == []


def test_the_policy_of_an_api_is_one() -> None:
    """LocalStack keeps any text, and lists no API then; one names no API of its own."""
    for said in ("junk", on("execute-api:Invoke", "elsewhere")):
        [(code, _)] = told("apigateway:CreateRestApi", policy=said)
        assert code == "BadRequestException"
    for resource in ("execute-api:/*", "arn:aws:execute-api:us-east-1:1:a/*", "*"):
        policy = on("execute-api:Invoke", resource)
        assert not told("apigateway:CreateRestApi", policy=policy)
        escaped = policy.replace("/", "\\/")
        assert not told("apigateway:CreateRestApi", policy=escaped)
