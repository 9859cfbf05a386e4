"""Secrets Manager: a secret is named by its ARN, which ends in six random characters.

A call may name it without them: the service is asked for the rest.
https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access.html
"""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from sam_harness.iam.call import (
    Authorization,
    Call,
    add_action,
    arn_of,
    by,
    each,
    rules,
)
from sam_harness.iam.service import (
    JSON,
    ResourcePolicy,
    ResourceType,
    SampleCall,
    Service,
)

_SECRET = "secret:{}"  # noqa: S105 - the form of an ARN


def _whole(secrets: Any, arn: str) -> str | None:  # noqa: ANN401 - boto3's client
    """Return the whole ARN of the secret whose name ends one; None: there is none."""
    with suppress(secrets.exceptions.ClientError):  # or the name is none
        name = arn.partition(":secret:")[2]
        return str(secrets.describe_secret(SecretId=name)["ARN"])
    return None


def _secret(call: Call, named: str) -> str:
    arn = arn_of(call, named, _SECRET)
    return call.lookup(arn) or arn


def _get_many(call: Call) -> Iterable[Authorization]:
    """Need each secret as if it were asked for alone; of a filter, any there is.

    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_BatchGetSecretValue.html
    """
    yield Authorization("secretsmanager:BatchGetSecretValue", "*")
    filtered = not call.parameters.get("SecretIdList")
    if filtered:
        yield Authorization("secretsmanager:ListSecrets", "*")
    for arn in each("SecretIdList", _SECRET)(call):
        formats = (arn,) if filtered else ()
        named = arn if filtered else call.lookup(arn) or arn
        yield Authorization("secretsmanager:GetSecretValue", named, formats=formats)


# The end is not known before, but how long it is.
RULES = rules("secretsmanager", {by("Name", arn="secret:{}-??????"): "CreateSecret"})
add_action(RULES, "CreateSecret", "secretsmanager:TagResource", "Tags")
RULES["BatchGetSecretValue"] = _get_many

_NOT_FOUND = ("ResourceNotFoundException",)

SERVICE = Service(
    name="secretsmanager",
    rules=RULES,
    names={"SecretId": _secret},
    errors=JSON,
    types={
        "AWS::SecretsManager::Secret": ResourceType(
            "secretsmanager:{region}:{account}:secret:{name}", "Name", ref="{arn}"
        ),
        "AWS::SecretsManager::ResourcePolicy": ResourceType(
            policies=lambda it: [(it["SecretId"], it["ResourcePolicy"])]
        ),
    },
    policy=ResourcePolicy(
        lambda secrets, arn: secrets.get_resource_policy(SecretId=arn).get(
            "ResourcePolicy"
        ),
        absent=_NOT_FOUND,
    ),
    tags=lambda secrets, arn: secrets.describe_secret(SecretId=arn).get("Tags"),
    lookup=_whole,
    harmless="",
    samples=dict.fromkeys(
        ("DescribeSecret", "GetSecretValue"),
        SampleCall(lambda it: {"SecretId": it.arn}, _NOT_FOUND),
    ),
)
