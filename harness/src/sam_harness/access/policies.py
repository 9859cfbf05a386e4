"""The policies that a template attaches to its roles and resources, in two readings.

As they are written; and what is possible, which takes every condition of an Allow as
met and leaves every conditional Deny out: no condition can hide a permission from it.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from sam_harness.access.stack import Placed, Stack
from sam_harness.errors import HarnessError
from sam_harness.iam.evaluate import Policies
from sam_harness.iam.policy import Policy, PolicyKind, compile_policy
from sam_harness.iam.request import ARN_PARTS, several
from sam_harness.iam.service import Document

type Named = tuple[str, Document]

_OTHER_IDENTITIES = ("AWS::IAM::Group", "AWS::IAM::User", "AWS::SSO::PermissionSet")
_VERSION = "2012-10-17"
_NOTHING = "arn:aws:nothing:::nothing"
_VARIABLE = re.compile(r"\$\{[^}]*\}")


@dataclass(frozen=True, slots=True)
class Attached:
    """All that decides what a role may do; documents come with a name."""

    identity: tuple[Named, ...]
    boundary: Named | None


def of_roles(stack: Stack, known: Mapping[str, Document]) -> dict[str, Attached]:
    """Return what is attached to each role of the stack, by its logical id.

    ``known``: documents of policies that are not in the template, by ARN. Those of AWS
    itself need not be given. A boundary that is not known counts as none.

    Raises:
        HarnessError: a policy is unknown, or permissions are given to users or groups.
    """
    if others := stack.of_kind(*_OTHER_IDENTITIES):
        raise HarnessError(
            f"{others[0].logical_id} is an {others[0].kind}: a matrix is about roles"
        )
    return {
        role.logical_id: Attached(
            tuple(_identity(stack, role, known)), _boundary(stack, role, known)
        )
        for role in stack.of_kind("AWS::IAM::Role")
    }


def of_resources(stack: Stack) -> dict[str, Document]:
    """Return the resource-based policy of each resource that has one, by its ARN."""
    merged: dict[str, list[Any]] = {}
    for resource in stack.resources.values():
        for name, document in resource.type.policies(resource.properties):
            merged.setdefault(_named(stack, resource, name), []).extend(
                {key: value for key, value in statement.items() if key != "Sid"}
                for statement in several(document["Statement"])
            )
    return {
        arn: {"Version": _VERSION, "Statement": statements}
        for arn, statements in merged.items()
    }


def _identity(
    stack: Stack, role: Placed, known: Mapping[str, Document]
) -> Iterator[Named]:
    for policy in role.properties.get("Policies") or []:
        name = f"{role.logical_id}, policy {policy['PolicyName']}"
        yield name, policy["PolicyDocument"]
    for arn in role.properties.get("ManagedPolicyArns") or []:
        yield _managed(stack, arn, known)
    for policy in stack.of_kind("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        if role.name in (policy.properties.get("Roles") or []):
            yield policy.logical_id, policy.properties["PolicyDocument"]
    for policy in stack.of_kind("AWS::IAM::RolePolicy"):
        if policy.properties["RoleName"] == role.name:
            yield policy.logical_id, policy.properties["PolicyDocument"]


def _boundary(
    stack: Stack, role: Placed, known: Mapping[str, Document]
) -> Named | None:
    arn = role.properties.get("PermissionsBoundary")
    try:
        return _managed(stack, arn, known) if arn else None
    except HarnessError:
        return None  # it can only take away: without it nothing is overlooked


def _managed(stack: Stack, arn: str, known: Mapping[str, Document]) -> Named:
    for policy in stack.of_kind("AWS::IAM::ManagedPolicy"):
        if policy.arn == arn:
            return policy.logical_id, policy.properties["PolicyDocument"]
    if arn in known:
        return arn, known[arn]
    _, _, path = arn.partition(":iam::aws:policy/")
    of_aws = policies_of_aws().get(path.rpartition("/")[2]) if path else None
    if of_aws:
        return arn, of_aws
    raise HarnessError(f"the document of policy {arn} is not known: give it")


@cache
def policies_of_aws() -> Mapping[str, Document]:
    """Return the managed policies of AWS, by name."""
    # moto ships AWS's managed policies; 4 MB that most templates do without.
    from moto.iam.aws_managed_policies import (  # noqa: PLC0415 - for those
        aws_managed_policies_data,
    )

    policies: dict[str, Any] = json.loads(aws_managed_policies_data)
    return {name: policy["Document"] for name, policy in policies.items()}


def _named(stack: Stack, by: Placed, name: str) -> str:
    """Return the ARN of what a policy is attached to; without a name, to itself."""
    if not name or name.startswith("arn:"):
        return name or by.arn
    service = by.kind.split("::")[1].lower()
    for one in stack.resources.values():
        if one.name == name and one.service == service:
            return one.arn
    raise HarnessError(
        f"{by.logical_id} is for {name}, which is none of {service} here"
    )


@dataclass(frozen=True, slots=True)
class Readings:
    """A role's policies, compiled; and what their Allow statements mention."""

    written: Policies
    possible: Policies
    services: frozenset[str]
    instances: tuple[str, ...]


def read(attached: Attached) -> Readings:
    """Compile the policies of a role in both readings."""
    allowing = list(_allowing(attached))
    actions = [it for one in allowing for it in several(one.get("Action", []))]
    patterns = [it for one in allowing for it in several(one.get("Resource", []))]
    return Readings(
        _policies(attached, compile_policy),
        _policies(attached, possible),
        frozenset(one.partition(":")[0] for one in actions if one != "*"),
        tuple(_instance(one) for one in patterns if one != "*"),
    )


def granted(attached: Attached) -> Iterator[tuple[str, str]]:
    """Yield each action that a role's own policies allow, and what on."""
    for statement in _allowing(attached):
        for action in several(statement.get("Action", [])):
            for pattern in several(statement.get("Resource", [])):
                yield action, "*" if pattern == "*" else _instance(pattern)


def possible(document: Document, kind: PolicyKind, name: str) -> Policy:
    """Compile with every Allow, its conditions met, and the unconditional Denies."""
    statements = [_any_value(one) for one in several(document["Statement"])]
    policy = compile_policy({**document, "Statement": statements}, kind, name)
    return replace(
        policy,
        statements=tuple(
            replace(one, tests=())
            for one in policy.statements
            if not (one.deny and one.tests)
        ),
    )


def _any_value(statement: dict[str, Any]) -> dict[str, Any]:
    """Let policy variables stand for whatever allows most."""
    if statement.get("Effect") != "Allow":
        return statement
    if "Resource" in statement:
        written = several(statement["Resource"])
        patterns = [_VARIABLE.sub("*", one) for one in written]
        return {**statement, "Resource": patterns}
    written = several(statement.get("NotResource", []))
    plain = [one for one in written if "${" not in one]
    return {**statement, "NotResource": plain or [_NOTHING]}


def _policies(
    attached: Attached, compiled: Callable[[Document, PolicyKind, str], Policy]
) -> Policies:
    identity = tuple(
        compiled(document, PolicyKind.IDENTITY, name)
        for name, document in attached.identity
    )
    if not attached.boundary:
        return Policies(identity)
    name, document = attached.boundary
    return Policies(identity, compiled(document, PolicyKind.BOUNDARY, name))


def _allowing(attached: Attached) -> Iterator[dict[str, Any]]:
    """Yield the Allow statements of a role's own policies."""
    for _, document in attached.identity:
        for statement in several(document["Statement"]):
            if statement.get("Effect") == "Allow":
                yield statement


def _instance(pattern: str) -> str:
    """Return one ARN that the pattern matches."""
    arn = re.sub(r"[*?]", "x", _VARIABLE.sub("x", pattern))
    return arn + ":x" * (ARN_PARTS - 1 - arn.count(":"))
