"""The roles that deploy, of the template that makes them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from sam_harness.access.policies import Readings, of_roles, read
from sam_harness.access.stack import Placed, Stack, load
from sam_harness.errors import HarnessError
from sam_harness.iam.request import several
from sam_harness.iam.service import Document
from sam_harness.template.names import ANYWHERE

CLOUDFORMATION = "cloudformation.amazonaws.com"


@dataclass(frozen=True, slots=True)
class Deployers:
    """What a template of roles makes.

    ``execution``: the role that CloudFormation works in. ``policies``: the documents of
    its managed policies by ARN, boundaries among them. ``bucket``: where the artefacts
    are; None: none, or several. ``outputs``: what the pipeline hands on.
    """

    execution: Placed
    readings: Readings
    policies: Mapping[str, Document]
    bucket: str | None
    outputs: Mapping[str, str]


def of_template(
    template: Path, parameters: Mapping[str, str], role: str | None
) -> Deployers:
    """Return the roles of a template; ``role``: the logical id of CloudFormation's.

    Raises:
        HarnessError: it is no template, or has no such role, or several.
    """
    stack = load(template, parameters, _PLACE)
    execution = _execution_role(stack, template, role)
    buckets = [bucket.name for bucket in stack.of_kind("AWS::S3::Bucket")]
    return Deployers(
        execution,
        read(of_roles(stack, {})[execution.logical_id]),
        {
            policy.arn: policy.properties["PolicyDocument"]
            for policy in stack.of_kind("AWS::IAM::ManagedPolicy")
        },
        buckets[0] if len(buckets) == 1 else None,
        stack.outputs,
    )


_PLACE = replace(ANYWHERE, stack_name="deployers")


def _execution_role(stack: Stack, template: Path, named: str | None) -> Placed:
    roles = stack.of_kind("AWS::IAM::Role")
    found = [
        role
        for role in roles
        if (role.logical_id == named if named else is_trusted(role, CLOUDFORMATION))
    ]
    if len(found) != 1:
        what = named or f"that trusts {CLOUDFORMATION}"
        names = ", ".join(role.logical_id for role in roles) or "none"
        raise HarnessError(
            f"{template}: {len(found)} roles {what}: name one with --execution-role; "
            f"its roles are {names}"
        )
    return found[0]


def is_trusted(role: Placed, service: str) -> bool:
    """Tell whether a service may work in a role."""
    for statement in several(role.properties["AssumeRolePolicyDocument"]["Statement"]):
        principal = statement.get("Principal")
        if isinstance(principal, dict) and service in several(principal.get("Service")):
            return True
    return False
