"""A template's resources and their ARNs, offline or where they are deployed."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sam_harness.deploying.stack import parameters_of
from sam_harness.iam.service import ResourceType
from sam_harness.template import document
from sam_harness.template.names import ANYWHERE, Place, type_of
from sam_harness.template.resolver import Resolver
from sam_harness.template.sam import translate
from sam_harness.template.values import Parameters, another, scenarios

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient


@dataclass(frozen=True, slots=True)
class Placed:
    """A resource; ``arn`` is without the ``:*`` of a log group's attribute.

    ``attributes`` stand beside its properties: DeletionPolicy, UpdatePolicy, and so on.
    """

    logical_id: str
    kind: str
    name: str
    arn: str
    properties: Mapping[str, Any]
    ref: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def service(self) -> str:
        """The service's prefix in IAM."""
        return self.arn.split(":")[2]

    @property
    def type(self) -> ResourceType:
        """What is known of its type."""
        return type_of(self.kind)

    @property
    def keys(self) -> Mapping[str, tuple[str, ...]]:
        """The key attributes of a table and its indexes, by their ARNs."""
        found = self.type.keys(self.properties)
        return {f"{self.arn}{below}": names for below, names in found.items()}


@dataclass(frozen=True)
class Stack:
    """The resources of one set of parameters, by logical id, and its outputs."""

    place: Place
    resources: Mapping[str, Placed]
    outputs: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def arns(self) -> Mapping[str, list[str]]:
        """The ARNs of the resources that are meant by a name, an ARN or a Ref."""
        known: dict[str, list[str]] = {}
        for one in self.resources.values():
            for word in {one.name, one.arn, one.ref}:
                known.setdefault(word, []).append(one.arn)
        return known

    def of_kind(self, *kinds: str) -> tuple[Placed, ...]:
        """Return the resources of these CloudFormation types."""
        return tuple(one for one in self.resources.values() if one.kind in kinds)

    def name_of(self, arn: str) -> str:
        """Return an ARN as a matrix writes it: ``Table/index/GSI1``, else the ARN."""
        inside = arn
        for one in self.resources.values():
            if arn == one.arn:
                return one.logical_id
            if arn.startswith(one.arn + one.type.separator):
                # Perhaps a resource as well, as a function's alias is.
                inside = f"{one.logical_id}/{arn[len(one.arn) + 1 :]}"
        return inside


def load(
    template: Path,
    parameters: Mapping[str, str],
    place: Place = ANYWHERE,
    physical_ids: Mapping[str, str] | None = None,
) -> Stack:
    """Transform and resolve a SAM or CloudFormation template, and place it."""
    source = document.load(template)
    plain = translate(source, parameters, region=place.region)
    return placed(plain.template, parameters, place, physical_ids)


def placed(
    template: Mapping[str, Any],
    parameters: Mapping[str, str],
    place: Place = ANYWHERE,
    physical_ids: Mapping[str, str] | None = None,
) -> Stack:
    """Resolve a transformed template.

    ``physical_ids`` (logical id -> physical id) are a deployed stack's: names that
    CloudFormation made up are taken from it.
    """
    resolver = Resolver(template, parameters, place)
    resolved, resources = resolver.template(), {}
    for logical_id, entry in resolved["Resources"].items():
        name, arn, ref = resolver.identity(logical_id)
        physical = (physical_ids or {}).get(logical_id)
        if physical and name == f"{place.stack_name}-{logical_id}":
            arn, name = arn.replace(name, physical), physical
        resources[logical_id] = Placed(
            logical_id,
            str(entry["Type"]),
            name,
            arn.removesuffix(":*"),
            entry.get("Properties") or {},
            ref,
            {key: value for key, value in entry.items() if key != "Properties"},
        )
    put_out = resolved.get("Outputs", {}).items()
    outputs = {name: str(output["Value"]) for name, output in put_out}
    return Stack(place, resources, outputs)


def branches(
    source: document.Document,
    given: Mapping[str, str],
    place: Place = ANYWHERE,
    *,
    examples: Mapping[str, str] | None = None,
    code_uris: Mapping[str, str] | None = None,
) -> Iterator[tuple[Parameters, Stack]]:
    """Yield each set of parameters that takes another branch, and its stack.

    ``given`` parameters are never varied. One without a default has any value, which is
    not among those that are yielded. ``examples``: see ``scenarios``; ``code_uris``:
    see ``translate``.
    """
    required = {
        name: another(declaration, "")
        for name, declaration in (source.get("Parameters") or {}).items()
        if "Default" not in declaration
    }
    for parameters in scenarios(source, given, examples):
        values = required | parameters
        plain = translate(source, values, region=place.region, code_uris=code_uris)
        yield parameters, placed(plain.template, values, place)


def stacks_of(
    cloudformation: "CloudFormationClient",
    account_id: str,
    template: Path,
    roles: Collection[str],
) -> Iterator[Stack]:
    """Yield the deployed stacks of a template that have any of the roles."""
    for described in cloudformation.describe_stacks()["Stacks"]:
        if described["StackStatus"] == "DELETE_COMPLETE":
            continue  # LocalStack lists it, but knows nothing more of it
        name = described["StackName"]
        if _physical_ids(cloudformation, name).keys() & set(roles):
            yield stack_of(cloudformation, account_id, template, name)


def stack_of(
    cloudformation: "CloudFormationClient", account_id: str, template: Path, name: str
) -> Stack:
    """Return a deployed stack, with its own parameters and names."""
    described = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    parameters = parameters_of(described)
    place = Place(account_id, cloudformation.meta.region_name, "aws", name)
    return load(template, parameters, place, _physical_ids(cloudformation, name))


def _physical_ids(cloudformation: "CloudFormationClient", name: str) -> dict[str, str]:
    listed = cloudformation.describe_stack_resources(StackName=name)
    return {
        one["LogicalResourceId"]: one["PhysicalResourceId"]
        for one in listed["StackResources"]
        if "PhysicalResourceId" in one
    }
