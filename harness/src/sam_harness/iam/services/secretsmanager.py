"""Secrets Manager: a secret is named by its ARN, which ends in six random characters.

A call may name it without them; who may use that ARN alone is refused such a call here,
because only the service knows the rest. Only stacks that need it start this service.
https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access.html
"""

from collections.abc import Iterable

from sam_harness.iam.call import (
    Authorization,
    Call,
    add_keys,
    add_tags,
    by,
    each,
    own_keys,
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
add_keys(RULES, " ".join(RULES), own_keys("secretsmanager", "SecretId"))
add_keys(
    RULES,
    "CreateSecret DeleteSecret GetSecretValue PutResourcePolicy UpdateSecret",
    own_keys(
        "secretsmanager",
        """
        BlockPublicPolicy Description ForceDeleteWithoutRecovery KmsKeyId Name
        RecoveryWindowInDays VersionId VersionStage
        """,
    ),
)
RULES["BatchGetSecretValue"] = _get_many
add_tags(RULES, "TagResource")
add_tags(RULES, "CreateSecret", needs="secretsmanager:TagResource")


SERVICE = Service(
    name="secretsmanager",
    rules=RULES,
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
        absent=("ResourceNotFoundException",),
    ),
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
