"""Secrets Manager: a secret is named by its ARN, which ends in six random characters.

A call may name it without them; who may use that ARN alone is refused such a call here,
because only the service knows the rest. Only stacks that need it start this service.
https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access.html
"""

from collections.abc import Iterable
from typing import Any

from sam_harness.iam.call import (
    Authorization,
    Call,
    add_keys,
    add_tags,
    by,
    each,
    rules,
)
from sam_harness.iam.service import (
    JSON,
    Document,
    Properties,
    ResourcePolicy,
    ResourceType,
    SampleCall,
    Service,
)

_SECRET = "secret:{}"  # noqa: S105 - the form of an ARN


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
        yield Authorization("secretsmanager:GetSecretValue", arn, formats=formats)


RULES = rules(
    "secretsmanager",
    {
        by("SecretId", arn=_SECRET): """
            DeleteResourcePolicy DeleteSecret DescribeSecret GetResourcePolicy
            GetSecretValue ListSecretVersionIds PutResourcePolicy PutSecretValue
            RestoreSecret TagResource UntagResource UpdateSecret
        """,
        by("Name", arn=_SECRET): "CreateSecret",
    },
)
add_keys(RULES, " ".join(RULES), {"secretsmanager:SecretId": "SecretId"})
add_keys(
    RULES,
    "CreateSecret DeleteSecret GetSecretValue PutResourcePolicy UpdateSecret",
    {
        "secretsmanager:BlockPublicPolicy": "BlockPublicPolicy",
        "secretsmanager:Description": "Description",
        "secretsmanager:ForceDeleteWithoutRecovery": "ForceDeleteWithoutRecovery",
        "secretsmanager:KmsKeyId": "KmsKeyId",
        "secretsmanager:Name": "Name",
        "secretsmanager:RecoveryWindowInDays": "RecoveryWindowInDays",
        "secretsmanager:VersionId": "VersionId",
        "secretsmanager:VersionStage": "VersionStage",
    },
)
RULES["BatchGetSecretValue"] = _get_many
add_tags(RULES, "TagResource")
add_tags(RULES, "CreateSecret", needs="secretsmanager:TagResource")


def _read_policy(secrets: Any, arn: str) -> str | None:  # noqa: ANN401 - boto3's client
    found: dict[str, str] = secrets.get_resource_policy(SecretId=arn)
    return found.get("ResourcePolicy")


def _policy(properties: Properties) -> Iterable[tuple[str, Document]]:
    yield properties["SecretId"], properties["ResourcePolicy"]


SERVICE = Service(
    name="secretsmanager",
    rules=RULES,
    errors=JSON,
    types={
        "AWS::SecretsManager::Secret": ResourceType(
            "secretsmanager:{region}:{account}:secret:{name}", "Name", ref="{arn}"
        ),
        "AWS::SecretsManager::ResourcePolicy": ResourceType(policies=_policy),
    },
    policy=ResourcePolicy(_read_policy, absent=("ResourceNotFoundException",)),
    tags=lambda secrets, arn: secrets.describe_secret(SecretId=arn).get("Tags"),
    harmless="",
    samples={
        "GetSecretValue": SampleCall(
            lambda it: {"SecretId": it.arn}, ("ResourceNotFoundException",)
        ),
        "DescribeSecret": SampleCall(
            lambda it: {"SecretId": it.arn}, ("ResourceNotFoundException",)
        ),
    },
)
