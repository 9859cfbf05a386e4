"""What calls need that read a secret."""

import pytest

from harness.tests.unit.iam.calls import ACCOUNT, a_call, needed
from sam_harness.iam.services import authorizations

PLACE = f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret"
GET = "secretsmanager:GetSecretValue"
MANY = "BatchGetSecretValue"


def test_many_secrets_need_what_each_of_them_needs() -> None:
    """A Deny on one of them is not passed by asking for several.

    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_BatchGetSecretValue.html
    """
    several = a_call("secretsmanager", MANY, SecretIdList=["a", f"{PLACE}:b"])
    some = a_call("secretsmanager", MANY, Filters=[{"Key": "name", "Values": ["a"]}])
    *listing, one_of_them = authorizations(some)

    assert needed(several) == [
        (f"secretsmanager:{MANY}", "*"),
        (GET, f"{PLACE}:a"),
        (GET, f"{PLACE}:b"),
    ]
    assert [one.action for one in listing][1:] == ["secretsmanager:ListSecrets"]
    assert (one_of_them.action, one_of_them.formats) == (GET, (f"{PLACE}:*",))


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("/aws/reference/secretsmanager/a", "a"),
        ("/aws/reference/secretsmanager/a/b:AWSCURRENT", "a/b"),
        (f"/aws/reference/secretsmanager/{PLACE}:a", "a"),
        (f"arn:aws:ssm:x:{ACCOUNT}:parameter/aws/reference/secretsmanager/a", "a"),
    ],
)
def test_a_parameter_that_is_a_secret_needs_the_secret(name: str, secret: str) -> None:
    """Parameter Store only passes it on.

    https://docs.aws.amazon.com/systems-manager/latest/userguide/integration-ps-secretsmanager.html
    """
    for call in (
        a_call("ssm", "GetParameter", Name=name),
        a_call("ssm", "GetParameters", Names=[name]),
    ):
        assert (GET, f"{PLACE}:{secret}") in needed(call)


def test_to_make_a_secret_needs_the_right_to_an_arn_with_an_end() -> None:
    """Six characters, which are not known before; a policy says ?????? for them.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_iam-policies.html
    """
    call = a_call("secretsmanager", "CreateSecret", Name="a")

    assert needed(call) == [("secretsmanager:CreateSecret", f"{PLACE}:a-??????")]
