"""What deploying a template calls.

CloudFormation, for a resource, from first deployment to deletion; and CodeDeploy, to
shift calls between the versions of functions. Its service principal works in a role of
the stack. What it calls is in no reference; AWS's own two managed policies for such a
role say what it needs.
https://docs.aws.amazon.com/codedeploy/latest/userguide/getting-started-create-service-role.html
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from importlib.resources import files

import yaml

from sam_harness.access.deploy.resources import arns_of, named_by, tags_of
from sam_harness.access.policies import policies_of_aws
from sam_harness.access.stack import Placed, Stack
from sam_harness.access.targets import ANYTHING
from sam_harness.errors import HarnessError
from sam_harness.template.registry import registered
from sam_harness.template.values import value_at

# The first deployment creates and reads, an update does all of it (what cannot be
# changed in place is replaced), a deletion deletes. Listing is for those who import.
HANDLERS = ("create", "read", "update", "delete")
# Linked roles that the handlers do not declare: made with the first of a kind.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/using-service-linked-roles.html
_LINKED_ROLES = {
    "AWS::ApiGateway::RestApi": ("ops.apigateway.amazonaws.com", "APIGateway")
}
_PASSED_TO = {"stepfunctions": "states"}
# Of CodeDeploy, in its role.
_SHIFTING = ("AWSCodeDeployRoleForLambda", "AWSCodeDeployRoleForLambdaLimited")
_HOOK = "CodeDeployHook_"


@dataclass(frozen=True, slots=True)
class Need:
    """A call that a handler makes; ``handler`` is why: create, read, update, delete."""

    resource: Placed
    handler: str
    action: str
    arn: str
    context: tuple[tuple[str, str], ...] = ()


def needs_of(resource: Placed, stack: Stack) -> Iterator[Need]:
    """Yield all that the handlers of a resource need; a custom one has none of AWS's.

    Raises:
        HarnessError: its type is in no registry that is known here.
    """
    found = registered(resource.kind)
    if found is None:
        raise HarnessError(
            f"{resource.logical_id}: nothing is known of {resource.kind}, so "
            "what making one needs is not either"
        )
    named = named_by(resource, stack)
    context = tuple(sorted(_context(resource, named).items()))
    for handler in _handlers(resource):
        for action in sorted(found.permissions.get(handler, ())):
            if is_needed(resource, action):
                for arn in arns_of(resource, action, named):
                    yield Need(resource, handler, action, arn, context)
    # Tags come from the stack as well.
    for action in sorted(found.tagging):
        for arn in tags_of(resource, action, named):
            yield Need(resource, "update", action, arn, context)
    if linked := _LINKED_ROLES.get(resource.kind):
        yield _linked_role(resource, stack, *linked)


def is_needed(resource: Placed, action: str) -> bool:
    """Tell whether a resource has what its handler needs the action for."""
    has = {**resource.properties, **resource.attributes}
    needed_with = _needed_with(resource.kind, action)
    found = (value_at(has, path.split("/")) for path in needed_with)
    return not needed_with or any(one not in ("", [], {}, None) for one in found)


def _handlers(resource: Placed) -> Iterator[str]:
    kept = {"DeletionPolicy", "UpdateReplacePolicy"}
    stays = all(resource.attributes.get(name) == "Retain" for name in kept)
    return (one for one in HANDLERS if not (one == "delete" and stays))


@cache
def _needed_with(kind: str, action: str) -> list[str]:
    """Return the properties of which a resource has one if the action is needed."""
    return [
        path
        for one in ("*", kind)
        for row in _table().get(one, ())
        if any(fnmatch(action, pattern) for pattern in row["actions"])
        for path in row["with"]
    ]


@cache
def _table() -> Mapping[str, list[dict[str, list[str]]]]:
    text = (files(__package__) / "needed_with.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def _context(resource: Placed, named: list[str]) -> dict[str, str]:
    """Return the condition keys that AWS would have for the handler's calls."""
    service = resource.kind.split("::")[1].lower()
    context = {
        "aws:CalledVia": "cloudformation.amazonaws.com",
        "aws:SecureTransport": "true",
        "iam:PassedToService": f"{_PASSED_TO.get(service, service)}.amazonaws.com",
    }
    if boundary := resource.properties.get("PermissionsBoundary"):
        context["iam:PermissionsBoundary"] = str(boundary)
    if resource.kind == "AWS::Lambda::EventSourceMapping":
        function = arns_of(resource, "lambda:GetFunction", named)
        context["lambda:FunctionArn"] = function[0]
    return context


def _linked_role(resource: Placed, stack: Stack, service: str, name: str) -> Need:
    place = stack.place
    path = f"role/aws-service-role/{service}/AWSServiceRoleFor{name}"
    return Need(
        resource,
        "create",
        "iam:CreateServiceLinkedRole",
        f"arn:{place.partition}:iam::{place.account_id}:{path}",
        (("iam:AWSServiceName", service),),
    )


def shifting(role: Placed, stack: Stack) -> Iterator[Need]:
    """Yield what CodeDeploy calls in a role for the aliases that it shifts.

    Alarms are asked for on ``*``, as both policies have it: whether CodeDeploy names
    those that it watches is not documented. Hooks are functions of a fixed prefix.
    """
    groups = stack.of_kind("AWS::CodeDeploy::DeploymentGroup")
    if not any(group.properties.get("ServiceRoleArn") == role.arn for group in groups):
        return
    aliases = stack.of_kind("AWS::Lambda::Alias")
    shifted = [
        (one, named_by(one, stack))
        for one in aliases
        if "UpdatePolicy" in one.attributes
    ]
    for action in sorted(_of_both()):
        if action.startswith("lambda:"):
            for alias, named in shifted:
                for arn in arns_of(alias, action, named):
                    yield Need(role, "shift calls in", action, arn)
        else:
            yield Need(role, "shift calls in", action, ANYTHING)
    for function in stack.of_kind("AWS::Lambda::Function"):
        if function.name.startswith(_HOOK):
            yield Need(role, "run hooks in", "lambda:InvokeFunction", function.arn)


@cache
def _of_both() -> frozenset[str]:
    """Return the actions that both policies allow on everything, without condition."""
    each = [
        frozenset(
            action
            for statement in policies_of_aws()[name]["Statement"]
            if statement["Resource"] == ANYTHING and "Condition" not in statement
            for action in statement["Action"]
        )
        for name in _SHIFTING
    ]
    return frozenset.intersection(*each)
