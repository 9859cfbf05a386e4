"""Versions of functions that an update would publish, and those for nothing."""

from collections.abc import Iterator, Mapping
from typing import Any

from sam_harness.deploying.planning.submitted import Submitted

# What a function has, and its versions have not.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html
_NOT_IN_A_VERSION = {
    "CodeSigningConfigArn": "code signing",
    "FunctionScalingConfig": "scaling",
    "RecursiveLoop": "recursion",
    "ReservedConcurrentExecutions": "reserved concurrency",
    "RuntimeManagementConfig": "runtime management",
    "Tags": "tags",
}
VERSION = "AWS::Lambda::Version"


def function_of(resource: Mapping[str, Any]) -> str | None:
    """Return the function that a version is of."""
    if resource.get("Type") != VERSION:
        return None
    named = resource["Properties"].get("FunctionName")
    return named.get("Ref") if isinstance(named, dict) else None


def published(before: Submitted, after: Submitted) -> Iterator[tuple[str, list[str]]]:
    """Yield each function that gets a new version, with both descriptions.

    Either SAM gives it another logical id, or it cannot be changed in place.
    """
    versions = [
        {
            function: (logical_id, one.resources[logical_id]["Properties"])
            for logical_id, resource in one.plain["Resources"].items()
            if logical_id in one.resources and (function := function_of(resource))
        }
        for one in (before, after)
    ]
    for function in sorted(versions[0].keys() & versions[1].keys()):
        old, new = (side[function] for side in versions)
        if old != new:
            yield function, [str(one[1].get("Description")) for one in (old, new)]


def empty_versions(before: Submitted, after: Submitted) -> dict[str, list[str]]:
    """Return the functions of which a version would be published for nothing, by cause.

    Its logical id is new and neither code nor configuration is: Lambda then publishes
    none, and CloudFormation fails with 409 "A version for this Lambda function exists".
    https://github.com/aws/serverless-application-model/issues/1375
    """
    causes: dict[str, list[str]] = {}
    for function, descriptions in published(before, after):
        old, new = before.resources[function], after.resources[function]
        if configuration(old) != configuration(new):
            continue
        for cause in _causes(old["Properties"], new["Properties"]):
            causes.setdefault(cause, []).append(function)
        if descriptions[0] != descriptions[1]:
            causes.setdefault("the VersionDescription", []).append(function)
        if not any(function in named for named in causes.values()):
            causes.setdefault("the way the template writes it", []).append(function)
    return causes


def configuration(function: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is in a version: the code by its content, and the configuration."""
    properties = {
        key: value
        for key, value in function["Properties"].items()
        if key not in _NOT_IN_A_VERSION
    }
    code = properties.get("Code")
    if isinstance(code, dict) and "S3Key" in code:
        # Uploads are named after their content.
        properties["Code"] = str(code["S3Key"]).rpartition("/")[2]
    return properties


def _causes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    if old.get("Code") != new.get("Code"):
        was, now = (_place(one["Code"]) for one in (old, new))
        yield f"the place of the code ({was} -> {now})"
    for key, word in _NOT_IN_A_VERSION.items():
        if old.get(key) != new.get(key):
            yield f"the {word}"


def _place(code: Mapping[str, str]) -> str:
    folder = code["S3Key"].rpartition("/")[0]
    return f"s3://{code['S3Bucket']}/{folder}".rstrip("/")
