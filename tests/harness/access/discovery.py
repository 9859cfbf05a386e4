"""The stacks in an account that have the roles of a matrix."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from harness.access import stack
from harness.access.matrix import Matrix
from harness.access.stack import Stack
from harness.template.names import Place

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient


def stacks_of(
    cloudformation: "CloudFormationClient",
    account_id: str,
    template: Path,
    matrix: Matrix,
) -> Iterator[Stack]:
    """Yield the deployed stacks of a template that have any role of the matrix."""
    for described in cloudformation.describe_stacks()["Stacks"]:
        if described["StackStatus"] == "DELETE_COMPLETE":
            continue  # LocalStack lists it, but knows nothing more of it
        name = described["StackName"]
        if _physical_ids(cloudformation, name).keys() & set(matrix.roles):
            yield stack_of(cloudformation, account_id, template, name)


def stack_of(
    cloudformation: "CloudFormationClient", account_id: str, template: Path, name: str
) -> Stack:
    """Return a deployed stack, with its own parameters and names."""
    described = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    parameters = {
        one["ParameterKey"]: one["ParameterValue"]
        for one in described.get("Parameters", [])
    }
    place = Place(account_id, cloudformation.meta.region_name, "aws", name)
    return stack.load(template, parameters, place, _physical_ids(cloudformation, name))


def _physical_ids(cloudformation: "CloudFormationClient", name: str) -> dict[str, str]:
    listed = cloudformation.describe_stack_resources(StackName=name)
    return {
        one["LogicalResourceId"]: one["PhysicalResourceId"]
        for one in listed["StackResources"]
        if "PhysicalResourceId" in one
    }
