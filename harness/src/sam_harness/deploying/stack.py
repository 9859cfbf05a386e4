"""A stack as CloudFormation describes it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sam_harness.errors import HarnessError

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_cloudformation.type_defs import StackResourceTypeDef, StackTypeDef

_COMPLETE = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}


@dataclass(frozen=True, slots=True)
class DeployedStack:
    """A deployed stack: its outputs, and logical id -> physical id.

    ``functions`` leads from the logical id of each Lambda function to what its callers
    invoke: the alias that is published with it, else the function by its name.
    ``template`` is what was deployed, without intrinsics (see ``template``).
    """

    name: str
    outputs: Mapping[str, str]
    resources: Mapping[str, str]
    functions: Mapping[str, str]
    template: Mapping[str, Any]


def described(
    client: "CloudFormationClient", stack: str, promised: Mapping[str, Any]
) -> DeployedStack:
    """Return a deployed stack; ``promised`` is its template without intrinsics.

    Raises:
        HarnessError: a promised resource is not listed as complete, or the stack's
            last operation failed.
    """
    found = client.describe_stacks(StackName=stack)["Stacks"][0]
    if (status := found["StackStatus"]) not in _COMPLETE:
        reason = found.get("StackStatusReason", "no reason given")
        raise HarnessError(f"stack {stack} is {status}: {reason}")
    listed = client.describe_stack_resources(StackName=stack)["StackResources"]
    complete = [one for one in listed if one["ResourceStatus"] in _COMPLETE]
    resources = {
        one["LogicalResourceId"]: one["PhysicalResourceId"] for one in complete
    }
    if missing := sorted(promised["Resources"].keys() - resources.keys()):
        names = ", ".join(missing)
        raise HarnessError(f"stack {stack} is said to be complete without {names}")
    outputs = {
        output["OutputKey"]: output["OutputValue"]
        for output in found.get("Outputs", [])
    }
    return DeployedStack(stack, outputs, resources, _invoked(complete), promised)


def with_nested(
    client: "CloudFormationClient", stack: DeployedStack, path: str = ""
) -> Iterator[tuple[str, DeployedStack]]:
    """Yield a stack and all that it nests, each after its path: ``Outer/Inner/``."""
    yield path, stack
    for logical_id, resource in stack.template["Resources"].items():
        if resource["Type"] == "AWS::CloudFormation::Stack":
            name = stack.resources[logical_id]
            listed = client.describe_stack_resources(StackName=name)["StackResources"]
            kinds = {
                one["LogicalResourceId"]: {"Type": one["ResourceType"]}
                for one in listed
            }
            inner = described(client, name, {"Resources": kinds})
            yield from with_nested(client, inner, f"{path}{logical_id}/")


def parameters_of(described: "StackTypeDef") -> dict[str, str]:
    """Return the parameters that a stack was deployed with, by name."""
    return {
        one["ParameterKey"]: one["ParameterValue"]
        for one in described.get("Parameters", [])
    }


def _invoked(complete: Sequence["StackResourceTypeDef"]) -> dict[str, str]:
    names, aliases = {}, {}
    for one in complete:
        physical_id = one["PhysicalResourceId"]
        if one["ResourceType"] == "AWS::Lambda::Function":
            names[one["LogicalResourceId"]] = physical_id
        elif one["ResourceType"] == "AWS::Lambda::Alias":
            aliases[physical_id.split(":")[6]] = physical_id
    return {logical_id: aliases.get(name, name) for logical_id, name in names.items()}
