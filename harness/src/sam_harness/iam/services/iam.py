"""IAM: users, roles, groups and policies by name, looked up for their path."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from sam_harness.iam.call import (
    Authorization,
    Call,
    Context,
    ResourceOf,
    add_keys,
    by,
    rules,
)
from sam_harness.iam.service import QUERY, ResourceType, SampleCall, Service, Subject

# Stands between kind and name where the path is asked for.
_ANYWHERE = "/*/"


def _named(kind: str) -> Callable[[Call, str], str]:
    def arn(call: Call, name: str) -> str:
        path = call.parameters.get("Path")
        if isinstance(path, str) and path:
            return call.global_arn(f"{kind}{path}{name}")
        there = None
        if kind in _FOUND and name != "*":
            there = call.lookup(call.global_arn(f"{kind}{_ANYWHERE}{name}"))
        return str(there or call.global_arn(f"{kind}/{name}"))

    return arn


def _below(kind: str) -> ResourceOf:
    """Find what stands for all of a kind below a path."""

    def arn(call: Call, path: str) -> str:
        return call.global_arn(f"{kind}{path}")

    return by("PathPrefix", arn=arn, default="/")


_ROLE = by("RoleName", arn=_named("role"))
_USER = by("UserName", arn=_named("user"), default="*")
_PROFILE = by("InstanceProfileName", arn=_named("instance-profile"))


def _add_role_to_profile(call: Call) -> Iterable[Authorization]:
    yield Authorization("iam:AddRoleToInstanceProfile", str(_PROFILE(call)))
    yield Authorization("iam:PassRole", str(_ROLE(call)))


def _limit(call: Call) -> Context:
    """Return the boundary that a role or user has by now; it may limit its changes."""
    kind, of = ("user", _USER) if "User" in call.operation else ("role", _ROLE)
    name = str(of(call)).rpartition("/")[2]
    boundary = call.lookup(call.global_arn(f"{kind}/{name}"))
    return {"iam:PermissionsBoundary": (boundary,) if boundary else ()}


# What has a path, as it is called in IAM's API.
_FOUND = {
    "group": "Group",
    "instance-profile": "InstanceProfile",
    "role": "Role",
    "user": "User",
}


def _kind_and_name(arn: str) -> tuple[str, str]:
    return arn.split(":")[5].partition("/")[0], arn.rpartition("/")[2]


def _look_up(iam: Any, arn: str) -> str | None:  # noqa: ANN401 - boto3's client
    """Return the boundary of a role or user, or the ARN of what is somewhere."""
    kind, name = _kind_and_name(arn)
    read, member = getattr(iam, f"get_{kind.replace('-', '_')}"), _FOUND[kind]
    try:
        found = read(**{f"{member}Name": name})[member]
    except iam.exceptions.NoSuchEntityException:
        return None
    if _ANYWHERE in arn:
        return str(found["Arn"])
    limit = found.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    return str(limit) if limit else None


def _tags(iam: Any, arn: str) -> object:  # noqa: ANN401 - boto3's client
    kind, name = _kind_and_name(arn)
    if kind == "policy":
        return iam.list_policy_tags(PolicyArn=arn)["Tags"]
    if kind not in _FOUND or kind == "group":  # groups have none
        return ()
    listed = getattr(iam, f"list_{kind.replace('-', '_')}_tags")
    return listed(**{f"{_FOUND[kind]}Name": name})["Tags"]


RULES = rules(
    "iam",
    {
        by("PolicyName", arn=_named("policy")): "CreatePolicy",
        _below("group"): "ListGroups",
        _below("role"): "ListRoles",
        _below("user"): "ListUsers",
        by("PolicySourceArn"): "SimulatePrincipalPolicy",
        # Without a name IAM means the user who asks.
        _USER: """
            CreateAccessKey DeleteAccessKey GetUser ListAccessKeys UpdateAccessKey
        """,
    },
)
RULES["AddRoleToInstanceProfile"] = _add_role_to_profile
for _kind, _of in (("Role", _ROLE), ("User", _USER)):
    _limited = f"""
        Attach{_kind}Policy Delete{_kind}PermissionsBoundary Delete{_kind}Policy
        Detach{_kind}Policy Put{_kind}Policy
    """
    RULES |= rules("iam", {_of: _limited})
    add_keys(RULES, _limited, _limit)


def _nothing_allowed(it: Subject) -> dict[str, Any]:
    nothing = {"Effect": "Deny", "Action": "sts:GetCallerIdentity", "Resource": "*"}
    return {
        "RoleName": it.name,
        "PolicyName": "access",
        "PolicyDocument": json.dumps({"Version": "2012-10-17", "Statement": nothing}),
    }


SERVICE = Service(
    name="iam",
    rules=RULES,
    names={
        "RoleName": _named("role"),
        "GroupName": _named("group"),
        "UserName": _named("user"),
        "PolicyArn": "{}",
        "InstanceProfileName": _named("instance-profile"),
    },
    errors=QUERY,
    types={
        "AWS::IAM::ManagedPolicy": ResourceType(
            "iam::{account}:policy{path}{name}", "ManagedPolicyName", ref="{arn}"
        ),
        "AWS::IAM::Role": ResourceType("iam::{account}:role{path}{name}", "RoleName"),
        "AWS::IAM::User": ResourceType("iam::{account}:user{path}{name}", "UserName"),
    },
    harmless="",
    lookup=_look_up,
    tags=_tags,
    samples={"PutRolePolicy": SampleCall(_nothing_allowed, destroys=True)},
)
