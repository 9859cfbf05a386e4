"""What calls of Parameter Store need."""

from dataclasses import replace

import pytest

from harness.tests.unit.iam.calls import ACCOUNT, a_call, needed, only
from sam_harness.iam.call import Call, MissingResource
from sam_harness.iam.services import authorizations

PLACE = f"arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter"
KEYS = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key"
GET = a_call("ssm", "GetParameter", Name="/a/b", WithDecryption=True)
BY_PATH = a_call("ssm", "GetParametersByPath", Path="/a", WithDecryption=True)
PUT = a_call("ssm", "PutParameter", Name="a", Type="SecureString", Overwrite=True)


@pytest.mark.parametrize(
    ("name", "resource"),
    [
        ("a", f"{PLACE}/a"),
        ("/a/b", f"{PLACE}/a/b"),
        ("/a/b:3", f"{PLACE}/a/b"),
        (f"{PLACE}/a/b", f"{PLACE}/a/b"),
        (f"{PLACE}/a/b:label", f"{PLACE}/a/b"),
        (
            f"{PLACE}/a".replace(ACCOUNT, "9" * 12),
            f"{PLACE}/a".replace(ACCOUNT, "9" * 12),
        ),
        ("/aws/service/x", "arn:aws:ssm:eu-west-1::parameter/aws/service/x"),
    ],
)
def test_a_parameter_is_named_without_slash_and_version(
    name: str, resource: str
) -> None:
    """However it is asked for: a Deny of it is not passed by asking for a version."""
    assert needed(a_call("ssm", "GetParameter", Name=name)) == [
        ("ssm:GetParameter", resource)
    ]


def test_each_of_several_parameters_is_needed() -> None:
    """A path is a parameter's, too."""
    several = a_call("ssm", "GetParameters", Names=["a", "/b"])
    below = a_call("ssm", "GetParametersByPath", Path="/a", Recursive=True)

    assert needed(several) == [
        ("ssm:GetParameters", f"{PLACE}/a"),
        ("ssm:GetParameters", f"{PLACE}/b"),
    ]
    assert needed(below) == [("ssm:GetParametersByPath", f"{PLACE}/a")]
    # As AWS's own example of a Deny asks for it.
    assert only(below).context == {"ssm:Recursive": ("true",)}


@pytest.mark.parametrize(
    "call",
    [
        a_call("ssm", "GetParameter"),
        a_call("ssm", "GetParameters", Names=[]),
        a_call("ssm", "ListTagsForResource", ResourceType="Document", ResourceId="d"),
    ],
)
def test_a_call_about_no_parameter_is_an_error(call: Call) -> None:
    """Nothing to authorise is not a permission."""
    with pytest.raises(MissingResource):
        authorizations(call)


@pytest.mark.parametrize(
    ("call", "action", "key", "resource"),
    [
        (GET, "Decrypt", "1-2", f"{KEYS}/1-2"),
        (GET, "Decrypt", f"{KEYS}/1-2", f"{KEYS}/1-2"),
        (GET, "Decrypt", "alias/own", f"{KEYS}/*"),
        (BY_PATH, "Decrypt", "1-2", f"{KEYS}/1-2"),
        (PUT, "Encrypt", "1-2", f"{KEYS}/1-2"),
    ],
)
def test_what_is_encrypted_with_another_key_needs_that_key(
    call: Call, action: str, key: str, resource: str
) -> None:
    """With SSM's own none; which key an alias stands for is not told."""
    parameters = {**call.parameters, "KeyId": key}
    asked = f"{PLACE}/a/*" if call is BY_PATH else f"{PLACE}/a/b"
    with_key = replace(
        call, parameters=parameters, lookup=lambda arn: [key] if arn == asked else []
    )
    own = replace(call, lookup=lambda _: [])

    [_, of_kms] = authorizations(with_key)

    assert (of_kms.action, of_kms.resource) == (f"kms:{action}", resource)
    assert of_kms.formats == ((resource,) if resource.endswith("*") else ())
    assert of_kms.context == {}
    assert len(authorizations(own)) == 1
