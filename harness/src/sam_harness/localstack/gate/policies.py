"""The policies that count for a call: of a role, by IAM's API, and on a resource."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from sam_harness.iam import services
from sam_harness.iam.policy import Policy, PolicyKind, compile_policy

type Clients = Callable[[str, str, str], Any]


@dataclass(frozen=True, slots=True)
class Attached:
    """The policies of a role; one that does not exist has none."""

    identity: tuple[Policy, ...] = ()
    boundary: Policy | None = None
    trust: Policy | None = None


def of_role(iam: Any, role_arn: str) -> Attached:  # noqa: ANN401 - boto3's clients
    """Read the policies of a role.

    Raises:
        MalformedPolicy: IAM on AWS would have refused one of them.

    """
    name = role_arn.rsplit("/", 1)[-1]
    try:
        role = iam.get_role(RoleName=name)["Role"]
    except iam.exceptions.NoSuchEntityException:
        return Attached()
    boundary = role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    return Attached(
        identity=(*_inline(iam, name), *_managed(iam, name)),
        boundary=managed_policy(iam, boundary, PolicyKind.BOUNDARY)
        if boundary
        else None,
        trust=compile_policy(
            role["AssumeRolePolicyDocument"], PolicyKind.TRUST, f"trust of {name}"
        ),
    )


def managed_policy(
    iam: Any,  # noqa: ANN401 - boto3's clients are made at run time
    arn: str,
    kind: PolicyKind,
) -> Policy:
    """Read the default version of a managed policy; one that is gone allows nothing."""
    name = arn.rsplit("/", 1)[-1]
    try:
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        found = iam.get_policy_version(PolicyArn=arn, VersionId=version)
    except iam.exceptions.NoSuchEntityException:
        return Policy(name, kind, ())
    return compile_policy(found["PolicyVersion"]["Document"], kind, name)


def holder_of(arn: str) -> str | None:
    """Return the ARN of what has the policy that counts for a resource.

    None: resources of this service have no policy that is read here.
    """
    policy = services.named(arn.split(":", 5)[2]).policy
    return policy.holder(arn) if policy else None


def on_resource(clients: Clients, arn: str, account: str) -> Policy | None:
    """Return the policy on a queue, topic, function or bucket; None: there is none.

    ``clients`` makes one of (service, account, region). ``account`` is whose S3 is
    asked: the ARN of a bucket does not say.

    Raises:
        MalformedPolicy: AWS would have refused the policy.

    """
    _, _, service, region, owner, _ = arn.split(":", 5)
    policy = services.named(service).policy
    if policy is None:
        return None
    try:
        text = policy.read(clients(service, owner or account, region), arn)
    except ClientError as error:
        if error.response["Error"]["Code"] in policy.absent:
            return None
        raise
    if not text:
        return None
    return compile_policy(json.loads(text), PolicyKind.RESOURCE, f"policy of {arn}")


def _inline(iam: Any, role: str) -> Iterator[Policy]:  # noqa: ANN401 - as above
    for name in _pages(iam, "list_role_policies", "PolicyNames", role):
        try:
            found = iam.get_role_policy(RoleName=role, PolicyName=name)
        except iam.exceptions.NoSuchEntityException:
            continue  # removed meanwhile
        yield compile_policy(found["PolicyDocument"], PolicyKind.IDENTITY, name)


def _managed(iam: Any, role: str) -> Iterator[Policy]:  # noqa: ANN401 - as above
    listed = _pages(iam, "list_attached_role_policies", "AttachedPolicies", role)
    for one in listed:
        yield managed_policy(iam, one["PolicyArn"], PolicyKind.IDENTITY)


def _pages(iam: Any, operation: str, member: str, role: str) -> list[Any]:  # noqa: ANN401 - boto3's
    try:
        pages = iam.get_paginator(operation).paginate(RoleName=role)
        return [one for page in pages for one in page[member]]
    except iam.exceptions.NoSuchEntityException:
        return []  # removed meanwhile
