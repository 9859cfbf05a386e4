"""Systems Manager's Parameter Store; what else it has is left to the reference.

https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-access.html
https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html
"""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from sam_harness.iam.call import (
    Authorization,
    Call,
    MissingResource,
    Rule,
    every,
    items,
    rules,
    strings,
)
from sam_harness.iam.service import JSON, ResourceType, SampleCall, Service, Subject

_OWN_KEY = "alias/aws/ssm"  # every principal of the account may use it
_OF_KMS = ("kms:", "aws:resourcetag")
_BELOW = "/*"


def _arn(call: Call, written: str) -> str:
    """Write the ARN of a parameter given by name or ARN.

    Without the slash that a path begins with, nor the version or label that is asked
    for; one of AWS's own belongs to no account.
    """
    place, is_arn, name = written.rpartition(":parameter/")
    name = (name if is_arn else written).removeprefix("/").partition(":")[0]
    if not is_arn and name.startswith("aws/service/"):
        return f"arn:{call.partition}:ssm:{call.region}::parameter/{name}"
    return f"{place}:parameter/{name}" if is_arn else call.arn(f"parameter/{name}")


def _tagged(call: Call) -> str:
    if call.parameters.get("ResourceType") != "Parameter":
        raise MissingResource(
            f"sam-harness cannot tell which resource ssm:{call.operation} is on"
        )
    return _arn(call, call.text("ResourceId"))


def _get(call: Call) -> Iterable[Authorization]:
    """Need each parameter, and to decrypt those of a key that is not SSM's own."""
    by_path = call.operation == "GetParametersByPath"
    named = strings(call.parameters.get("Names"))
    yield from _secrets(call)
    for name in named or [call.text("Path" if by_path else "Name")]:
        arn = _arn(call, name)
        yield Authorization(f"ssm:{call.operation}", arn)
        if call.parameters.get("WithDecryption"):
            for key in call.lookup(f"{arn}{_BELOW}" if by_path else arn) or ():
                yield _with_key(call, "Decrypt", key)


def _secrets(call: Call) -> Iterable[Authorization]:
    """Need each secret that stands for a parameter as Secrets Manager asks for it.

    https://docs.aws.amazon.com/systems-manager/latest/userguide/integration-ps-secretsmanager.html
    """
    prefix = f"arn:{call.partition}:secretsmanager:{call.region}:{call.account}:secret:"
    for one in (call.parameters.get("Name"), *items(call.parameters.get("Names"))):
        parts = [part for part in str(one).split(":parameter/")[-1].split("/") if part]
        # LocalStack looks at the third part alone, and also takes a secret's ARN.
        if len(parts) > 3 and parts[2] == "secretsmanager":
            secret = "/".join(parts[3:])
            is_arn = secret.startswith("arn:")
            arn = secret if is_arn else prefix + secret.partition(":")[0]
            named = call.lookup(arn) or arn
            yield Authorization("secretsmanager:GetSecretValue", named)


def _put(call: Call) -> Iterable[Authorization]:
    yield Authorization("ssm:PutParameter", _arn(call, call.text("Name")))
    key = str(call.parameters.get("KeyId") or _OWN_KEY)
    if call.parameters.get("Type") == "SecureString" and key != _OWN_KEY:
        advanced = call.parameters.get("Tier") == "Advanced"
        yield _with_key(call, "GenerateDataKey" if advanced else "Encrypt", key)


def _with_key(call: Call, action: str, key: str) -> Authorization:
    """Need an action of KMS; which key an alias stands for is not told."""
    keys = f"arn:{call.partition}:kms:{call.region}:{call.account}:key/"
    arn = key if ":key/" in key else keys + ("*" if "alias/" in key else key)
    formats = (arn,) if arn.endswith("*") else ()
    return Authorization(f"kms:{action}", arn, formats=formats, unknown=_OF_KMS)


def _keys(ssm: Any, arn: str) -> list[str]:  # noqa: ANN401 - boto3's client
    """Return the keys, but SSM's own, of a parameter or of all below a path."""
    name = arn.partition(":parameter/")[2]
    path = name.removesuffix(_BELOW)
    wanted = {"Key": "Name", "Values": [name, f"/{name}"]}
    if path != name:
        wanted = {"Key": "Path", "Option": "Recursive", "Values": [f"/{path}"]}
    pages = ssm.get_paginator("describe_parameters").paginate(ParameterFilters=[wanted])
    found = {one.get("KeyId", _OWN_KEY) for page in pages for one in page["Parameters"]}
    return sorted(found - {_OWN_KEY})


def _tags(ssm: Any, arn: str) -> list[object]:  # noqa: ANN401 - boto3's client
    name, found = arn.partition(":parameter/")[2], []
    for one in (name, f"/{name}"):
        with suppress(ssm.exceptions.InvalidResourceId):
            told = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=one)
            found += told["TagList"]
    return found


RULES: dict[str, Rule] = rules(
    "ssm",
    {
        every("*"): "DescribeParameters",
        _tagged: "AddTagsToResource ListTagsForResource RemoveTagsFromResource",
    },
) | dict.fromkeys(
    ("GetParameter", "GetParameterHistory", "GetParameters", "GetParametersByPath"),
    _get,
)
RULES["PutParameter"] = _put


def _name(it: Subject) -> str:
    return "/" + it.arn.partition(":parameter/")[2]


_NOT_FOUND = ("ParameterNotFound",)

SERVICE = Service(
    name="ssm",
    rules=RULES,
    names={"Name": _arn, "Names": _arn},
    errors=JSON,
    types={
        "AWS::SSM::Parameter": ResourceType(
            "ssm:{region}:{account}:parameter/{name}", "Name"
        )
    },
    lookup=_keys,
    tags=_tags,
    harmless="",
    samples={
        "GetParameter": SampleCall(lambda it: {"Name": _name(it)}, _NOT_FOUND),
        "GetParameters": SampleCall(lambda it: {"Names": [_name(it)]}),
        "GetParametersByPath": SampleCall(lambda it: {"Path": _name(it)}),
        # Without a type only a value is changed, and that only with Overwrite.
        "PutParameter": SampleCall(
            lambda it: {"Name": _name(it), "Value": "access"},
            ("ParameterAlreadyExists", "ValidationException"),
        ),
        "DescribeParameters": SampleCall(lambda _: {}),
        "DeleteParameter": SampleCall(
            lambda it: {"Name": _name(it)}, _NOT_FOUND, destroys=True
        ),
    },
)
