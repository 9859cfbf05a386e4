"""CloudFormation's roles and policies: updates, which LocalStack makes in part.

What a role may do no more would stay with it. A role that trusts another is deleted and
made anew by LocalStack, without what others have attached to it.
"""

import json
from collections.abc import Mapping
from typing import Any

from localstack.services.cloudformation.resource_provider import (
    ProgressEvent,
    ResourceProvider,
    ResourceRequest,
)

from sam_harness.localstack.corrections.cloudformation_resources import (
    Act,
    around,
    done,
    tags_of,
)
from sam_harness.localstack.stacks.reading import plain

_TRUST = "AssumeRolePolicyDocument"
_OLDER, _NEWER = "2008-10-17", "2012-10-17"
_HOLDERS = ("Role", "User", "Group")
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_VERSIONS = 5


def _say_version(request: ResourceRequest) -> None:
    """Say the language of a policy that says none: LocalStack refuses some of these.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
    """
    holders = request.desired_state, *(request.desired_state.get("Policies") or ())
    told = [one.get(name) for one in holders for name in (_TRUST, "PolicyDocument")]
    for document in told:
        if isinstance(document, dict) and document.get("Version", _OLDER) == _OLDER:
            if "${" in json.dumps(plain(document)):
                raise ValueError(
                    f"a policy without Version {_NEWER} has no variables: IAM takes "
                    "${} for text there, this emulator does not; say that Version"
                )
            document["Version"] = _NEWER


def _update_role(_: ResourceProvider, request: ResourceRequest) -> ProgressEvent:
    """Change what differs."""
    _say_version(request)
    before, model = request.previous_state, request.desired_state
    iam, role = request.aws_client_factory.iam, {"RoleName": before["RoleName"]}
    if model[_TRUST] != before[_TRUST]:
        document = _text(model[_TRUST])
        iam.update_assume_role_policy(**role, PolicyDocument=document)
    about = {
        "Description": model.get("Description", ""),
        "MaxSessionDuration": model.get("MaxSessionDuration", 3600),
    }
    if any(before.get(name) != model.get(name) for name in about):
        iam.update_role(**role, **about)
    _set_boundary(iam, role, before, model)
    _set_inline(iam, role, before, model)
    held, wanted = ({*one.get("ManagedPolicyArns", ())} for one in (before, model))
    for arn in sorted(held - wanted):
        iam.detach_role_policy(**role, PolicyArn=arn)
    for arn in sorted(wanted - held):
        iam.attach_role_policy(**role, PolicyArn=arn)
    _set_tags(iam, role, before, model)
    return done(model, **{name: before[name] for name in ("Arn", "RoleId", "RoleName")})


def _update_managed(_: ResourceProvider, request: ResourceRequest) -> ProgressEvent:
    """Make a new version the default, and move to whom it is attached."""
    _say_version(request)
    before, model = request.previous_state, request.desired_state
    iam, policy = request.aws_client_factory.iam, {"PolicyArn": before["Id"]}
    if model["PolicyDocument"] != before["PolicyDocument"]:
        listed = iam.list_policy_versions(**policy)["Versions"]
        if len(listed) == _VERSIONS:
            oldest = min(
                (one for one in listed if not one["IsDefaultVersion"]),
                key=lambda one: int(one["VersionId"].removeprefix("v")),
            )
            iam.delete_policy_version(**policy, VersionId=oldest["VersionId"])
        document = _text(model["PolicyDocument"])
        iam.create_policy_version(**policy, PolicyDocument=document, SetAsDefault=True)
    for kind in _HOLDERS:
        held, wanted = ({*one.get(f"{kind}s", ())} for one in (before, model))
        for name in sorted(held - wanted):
            detach = getattr(iam, f"detach_{kind.lower()}_policy")
            detach(**{f"{kind}Name": name}, **policy)
        for name in sorted(wanted - held):
            attach = getattr(iam, f"attach_{kind.lower()}_policy")
            attach(**{f"{kind}Name": name}, **policy)
    kept = {name: before[name] for name in ("Id", "ManagedPolicyName")}
    return done(model, PolicyArn=before["Id"], **kept)


def _update_policy(
    provider: ResourceProvider, request: ResourceRequest
) -> ProgressEvent:
    """Change a policy."""
    _say_version(request)
    before, model = request.previous_state, request.desired_state
    iam = request.aws_client_factory.iam
    renamed = before["PolicyName"] != model["PolicyName"]
    provider.update(request)
    for kind in _HOLDERS:
        held, wanted = ({*one.get(f"{kind}s", ())} for one in (before, model))
        for name in sorted(held if renamed else held - wanted):
            delete = getattr(iam, f"delete_{kind.lower()}_policy")
            delete(**{f"{kind}Name": name}, PolicyName=before["PolicyName"])
    return done(model, Id=before["Id"])


def _set_boundary(iam: Any, role: Any, before: Any, model: Any) -> None:  # noqa: ANN401 - boto3's, JSON
    wanted = model.get("PermissionsBoundary")
    if wanted and wanted != before.get("PermissionsBoundary"):
        iam.put_role_permissions_boundary(**role, PermissionsBoundary=wanted)
    elif before.get("PermissionsBoundary") and not wanted:
        iam.delete_role_permissions_boundary(**role)


def _set_inline(iam: Any, role: Any, before: Any, model: Any) -> None:  # noqa: ANN401 - as above
    held, wanted = (
        {each["PolicyName"]: each["PolicyDocument"] for each in one.get("Policies", ())}
        for one in (before, model)
    )
    for name in sorted(held.keys() - wanted.keys()):
        iam.delete_role_policy(**role, PolicyName=name)
    for name, document in wanted.items():
        if document != held.get(name):
            told = {"PolicyName": name, "PolicyDocument": _text(document)}
            iam.put_role_policy(**role, **told)


def _set_tags(iam: Any, role: Any, before: Any, model: Any) -> None:  # noqa: ANN401 - as above
    held, wanted = tags_of(before), tags_of(model)
    if gone := sorted(held.keys() - wanted.keys()):
        iam.untag_role(**role, TagKeys=gone)
    if wanted != held:
        tags = [{"Key": key, "Value": value} for key, value in wanted.items()]
        iam.tag_role(**role, Tags=tags)


def _text(document: Any) -> str:  # noqa: ANN401 - a text already, or JSON
    return document if isinstance(document, str) else json.dumps(document)


def _tell_arn(_: ResourceRequest, model: Any) -> None:  # noqa: ANN401 - JSON
    model["PolicyArn"] = model["Id"]


_NAMED = around("create", prepare=_say_version)
ACTS: Mapping[str, Mapping[str, Act]] = {
    "AWS::IAM::ManagedPolicy": {
        **around("create", prepare=_say_version, finish=_tell_arn),
        "update": _update_managed,
    },
    "AWS::IAM::Policy": {**_NAMED, "update": _update_policy},
    "AWS::IAM::Role": {**_NAMED, "update": _update_role},
}
