"""The policy documents that a template attaches to its roles and its resources."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from harness.access.stack import Placed, Stack
from harness.errors import HarnessError

type Document = Mapping[str, Any]
type Named = tuple[str, Document]

_OTHER_IDENTITIES = ("AWS::IAM::Group", "AWS::IAM::User", "AWS::SSO::PermissionSet")
_VERSION = "2012-10-17"


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
    for arn, document in _on_resources(stack):
        listed = document["Statement"]
        merged.setdefault(arn, []).extend(
            {key: value for key, value in statement.items() if key != "Sid"}
            for statement in (listed if isinstance(listed, list) else [listed])
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
    of_aws = _of_aws().get(path.rpartition("/")[2]) if path else None
    if of_aws:
        return arn, of_aws
    raise HarnessError(f"the document of policy {arn} is not known: give it")


@cache
def _of_aws() -> Mapping[str, Document]:
    # moto ships AWS's managed policies; 4 MB that most templates do without.
    from moto.iam.aws_managed_policies import (  # noqa: PLC0415 - for those
        aws_managed_policies_data,
    )

    policies: dict[str, Any] = json.loads(aws_managed_policies_data)
    return {name: policy["Document"] for name, policy in policies.items()}


def _on_resources(stack: Stack) -> Iterator[tuple[str, Document]]:
    for policy in stack.of_kind("AWS::SQS::QueuePolicy"):
        for url in policy.properties["Queues"]:
            queue = _named(stack, "AWS::SQS::Queue", str(url).rpartition("/")[2])
            yield queue, policy.properties["PolicyDocument"]
    for policy in stack.of_kind("AWS::SNS::TopicPolicy"):
        for topic in policy.properties["Topics"]:
            yield topic, policy.properties["PolicyDocument"]
    for policy in stack.of_kind("AWS::S3::BucketPolicy"):
        bucket = _named(stack, "AWS::S3::Bucket", policy.properties["Bucket"])
        yield bucket, policy.properties["PolicyDocument"]
    for table in stack.of_kind("AWS::DynamoDB::Table"):
        if "ResourcePolicy" in table.properties:
            yield table.arn, table.properties["ResourcePolicy"]["PolicyDocument"]
    for permission in stack.of_kind("AWS::Lambda::Permission"):
        yield _permission(stack, permission)


def _permission(stack: Stack, permission: Placed) -> tuple[str, Document]:
    properties = permission.properties
    function = str(properties["FunctionName"])
    if not function.startswith("arn:"):
        function = _named(stack, "AWS::Lambda::Function", function)
    who = str(properties["Principal"])
    kind = "Service" if who.endswith((".com", ".com.cn")) else "AWS"
    statement = {
        "Effect": "Allow",
        "Principal": who if who == "*" else {kind: who},
        "Action": properties["Action"],
        "Resource": function,
    }
    return function, {"Version": _VERSION, "Statement": [statement]}


def _named(stack: Stack, kind: str, name: str) -> str:
    for one in stack.of_kind(kind):
        if one.name == name:
            return one.arn
    raise HarnessError(f"a policy is attached to {name}, which is no {kind} here")
