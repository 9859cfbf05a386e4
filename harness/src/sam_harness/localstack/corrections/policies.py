"""Policies that AWS refuses when they are put; LocalStack takes what is JSON, or less.

Imports no LocalStack; `refusals` asks it about each request.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from sam_harness.iam.policy import PolicyKind, compile_policy
from sam_harness.iam.reference import matching
from sam_harness.iam.request import several
from sam_harness.localstack.corrections.constraints import PRETENDED

type Request = Mapping[str, Any]

EXCEEDED = "LimitExceeded"
_OF_IAM = "MalformedPolicyDocument"
_ANY = 10**6
# They take only their own actions.
_IN_SCOPE = {"s3", "sns", "sqs"}
# The parameter, whose policy it is, the error, and how many characters but spaces.
_MANAGED = ("PolicyDocument", PolicyKind.IDENTITY, _OF_IAM, 6144)
_INLINE = ("PolicyDocument", PolicyKind.IDENTITY, _OF_IAM, 10240)
_TRUST = ("PolicyDocument", PolicyKind.TRUST, _OF_IAM, 2048)
_BUS = ("Policy", PolicyKind.RESOURCE, "ValidationException", _ANY)
_LOG = ("policyDocument", PolicyKind.RESOURCE, "InvalidParameterException", _ANY)
_SECRET = ("ResourcePolicy", PolicyKind.RESOURCE, f"{_OF_IAM}Exception", _ANY)
_QUEUE = ("Attributes", PolicyKind.RESOURCE, "InvalidAttributeValue", _ANY)
_TOPIC = (PolicyKind.RESOURCE, "InvalidParameter", _ANY)
_OWN_API = "arn:aws:execute-api:::"
_API = ("policy", PolicyKind.RESOURCE, "BadRequestException", _ANY)
_PUTS: Mapping[tuple[str, str], tuple[str, PolicyKind, str, int]] = {
    ("apigateway", "CreateRestApi"): _API,
    ("events", "PutPermission"): _BUS,
    ("iam", "CreatePolicy"): _MANAGED,
    ("iam", "CreatePolicyVersion"): _MANAGED,
    ("iam", "CreateRole"): ("AssumeRolePolicyDocument", *_TRUST[1:]),
    ("iam", "PutGroupPolicy"): (*_INLINE[:3], 5120),
    ("iam", "PutRolePolicy"): _INLINE,
    ("iam", "PutUserPolicy"): (*_INLINE[:3], 2048),
    ("iam", "UpdateAssumeRolePolicy"): _TRUST,
    ("logs", "PutResourcePolicy"): _LOG,
    ("s3", "PutBucketPolicy"): ("Policy", PolicyKind.RESOURCE, "MalformedPolicy", _ANY),
    ("secretsmanager", "PutResourcePolicy"): _SECRET,
    ("sns", "CreateTopic"): ("Attributes", *_TOPIC),
    ("sns", "SetTopicAttributes"): ("AttributeValue", *_TOPIC),
    ("sqs", "CreateQueue"): _QUEUE,
    ("sqs", "SetQueueAttributes"): _QUEUE,
}


def problems(
    service: str, operation: str, request: Request, partition: str = "aws"
) -> Iterator[tuple[str, str]]:
    """Yield an error's code and words for each thing AWS has against a policy."""
    arn = request.get("PolicyArn") or request.get("PermissionsBoundary") or ""
    if service == "iam" and not f"{arn}:".startswith((":", f"arn:{partition}:")):
        yield "InvalidInput", f"ARN {arn} is not valid."
    if (service, operation) not in _PUTS:
        return
    parameter, kind, code, most = _PUTS[service, operation]
    text = request.get(parameter) or {}
    text = text.get("Policy") if isinstance(text, Mapping) else text
    if not text or request.get("AttributeName", "Policy") != "Policy":
        return
    if f'"{PRETENDED}"' in text:
        return
    if (size := len(re.sub(r"\s", "", text))) > most:
        yield EXCEEDED, f"A policy of {size} characters: {most} are allowed"
    try:
        document = json.loads(text)
        if service == "apigateway":
            # It names its own resources without the beginning of their ARNs.
            own = json.dumps(document).replace('"execute-api:/', f'"{_OWN_API}')
            document = json.loads(own)
        compile_policy(document, kind, "Policy")
    except Exception as error:  # noqa: BLE001 - whatever is wrong with it
        yield code, f"This policy contains invalid syntax: {error}"
        return
    for one in several(document["Statement"]):
        found = _elsewhere(one, partition) if service == "iam" else ()
        if service in _IN_SCOPE:
            found = _out_of_scope(service, one, request.get("Bucket", ""))
        yield from ((code, said) for said in found)


def _elsewhere(statement: Request, partition: str) -> Iterator[str]:
    """Yield which resource of another partition IAM refuses in a policy."""
    named = statement.get("Resource") or statement.get("NotResource") or []
    for arn in several(named):
        if (found := f"{arn}:*".split(":")[1]) not in {partition, "*"}:
            yield f'Partition "{found}" is not valid for resource "{arn}".'


def _out_of_scope(service: str, statement: Request, bucket: str) -> Iterator[str]:
    """Yield which action or resource a policy on a resource of a service cannot have.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
    """
    resources = [
        str(one).split(":::")[-1] for one in several(statement.get("Resource") or [])
    ]
    for action in several(statement.get("Action") or []):
        if action.partition(":")[0].lower() not in {service, "*"}:
            yield f"Policy statement action out of service scope! {action}"
        if bucket and resources and not any(_fit(action, one) for one in resources):
            yield f"Action does not apply to any resource(s) in statement: {action}"
    for name in [one.partition("/")[0] for one in resources] if bucket else ():
        if name != bucket and not re.search(r"[*?$]", name):
            yield f"Policy has invalid resource: {name}"


def _fit(action: str, resource: str) -> bool:
    """Tell whether an action of S3 is on buckets where that is one, or on objects."""
    formats = [arn for one in matching(action).values() for arn in one.arns]
    on = {"/" in one for one in formats if ":::" in one}
    is_open = "*" in action or "*" in resource.partition("/")[0]
    return is_open or not on or ("/" in resource) in on
