"""An API call, and what the caller must be allowed to do for it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from harness.errors import HarnessError

type Values = Mapping[str, object]
type Rule = Callable[["Call"], Iterable["Authorization"]]
type ResourceOf = Callable[["Call"], str]

NOTHING: Mapping[str, tuple[str, ...]] = MappingProxyType({})


class UnmappableCall(HarnessError):  # noqa: N818 - it is a call, seen by a caller
    """Nothing can be said about this call: deny it."""


class UnknownOperation(UnmappableCall):
    """The mapping does not know the operation."""


class MissingResource(UnmappableCall):
    """The call does not name the resource it is about, or not understandably."""


@dataclass(frozen=True, slots=True)
class Authorization:
    """One permission a call needs; ``context`` has the service's condition keys."""

    action: str
    resource: str
    context: Mapping[str, tuple[str, ...]] = NOTHING


def _no_partition_key(_table: str, _index: str | None) -> str | None:
    return None


def _no_sources(_queue_arn: str) -> Iterable[str] | None:
    return None


@dataclass(frozen=True, slots=True)
class Lookups:
    """What only the service itself knows; each default is "not known".

    ``partition_key(table, index)`` names the attribute. ``redrive_sources(arn)`` are
    the ARNs of the queues that have the given one as their dead-letter queue.
    """

    partition_key: Callable[[str, str | None], str | None] = _no_partition_key
    redrive_sources: Callable[[str], Iterable[str] | None] = _no_sources


@dataclass(frozen=True, slots=True)
class Call:
    """A parsed API call; service, operation and parameters by their boto3 names."""

    service: str
    operation: str
    parameters: Values
    account: str
    region: str
    partition: str = "aws"
    lookups: Lookups = field(default_factory=Lookups)

    def arn(self, resource: str, service: str | None = None) -> str:
        """Write the ARN of a regional resource in the caller's account."""
        prefix = f"arn:{self.partition}:{service or self.service}"
        return f"{prefix}:{self.region}:{self.account}:{resource}"

    def global_arn(self, service: str, resource: str) -> str:
        """Write the ARN of a resource that belongs to no region (IAM)."""
        return f"arn:{self.partition}:{service}::{self.account}:{resource}"

    def text(self, name: str) -> str:
        """Return a parameter that names the resource.

        Raises:
            MissingResource: it is absent, empty or not a string.

        """
        value = self.parameters.get(name)
        if isinstance(value, str) and value:
            return value
        raise MissingResource(f"{self.service}:{self.operation} without {name}")


def strings(value: object) -> tuple[str, ...]:
    """Return the strings of a list; anything else is left out."""
    return tuple(one for one in items(value) if isinstance(one, str))


def items(value: object) -> tuple[object, ...]:
    """Return a list's elements; an absent list has none."""
    return tuple(value) if isinstance(value, list | tuple) else ()


def values(value: object) -> Values:
    """Return a map; an absent one is empty."""
    return value if isinstance(value, Mapping) else {}


def given(call: Call, **keys: str) -> dict[str, tuple[str, ...]]:
    """Build a context from parameters: condition key by parameter, ``__`` for ``:``."""
    context: dict[str, tuple[str, ...]] = {}
    for key, parameter in keys.items():
        value = call.parameters.get(parameter)
        if value is not None and not isinstance(value, Mapping | list):
            context[key.replace("__", ":").replace("_", "-")] = (str(value),)
    return context


def anything(_call: Call) -> str:
    """Stand for actions that know no resources."""
    return "*"


def rules(service: str, table: Mapping[ResourceOf, str]) -> dict[str, Rule]:
    """Make rules for operations that need the action of their own name.

    ``Operation=Action`` in the table means an action of another name.
    """
    made: dict[str, Rule] = {}
    for resource_of, listed in table.items():
        for entry in listed.split():
            operation, _, action = entry.partition("=")
            made[operation] = rule(f"{service}:{action or operation}", resource_of)
    return made


def rule(action: str, resource_of: ResourceOf) -> Rule:
    """Make the rule of one action on one resource."""
    return lambda call: (Authorization(action, resource_of(call)),)


def by(parameter: str, arn: Callable[[Call, str], str]) -> ResourceOf:
    """Find the resource by a parameter, which may be a full ARN already."""

    def resource_of(call: Call) -> str:
        name = call.text(parameter)
        return name if name.startswith("arn:") else arn(call, name)

    return resource_of


def tags(call: Call, parameter: str = "Tags") -> dict[str, tuple[str, ...]]:
    """Return ``aws:TagKeys`` and ``aws:RequestTag/...`` of a list or map of tags."""
    given_tags = call.parameters.get(parameter)
    pairs = {
        str(values(tag).get("Key", values(tag).get("key"))): str(
            values(tag).get("Value", values(tag).get("value", ""))
        )
        for tag in items(given_tags)
    } | {str(key): str(value) for key, value in values(given_tags).items()}
    if not pairs:
        return {}
    context = {f"aws:RequestTag/{key}": (value,) for key, value in pairs.items()}
    return context | {"aws:TagKeys": tuple(pairs)}


def with_tags(
    table: Mapping[str, Rule], names: str, parameter: str = "Tags"
) -> dict[str, Rule]:
    """Add the condition keys of tags to the rules named.

    Not to what else a call needs, such as iam:PassRole.
    """

    def tagged(inner: Rule) -> Rule:
        return lambda call: tuple(
            replace(one, context={**one.context, **tags(call, parameter)})
            if one.action.startswith(f"{call.service}:")
            else one
            for one in inner(call)
        )

    return {name: tagged(table[name]) for name in names.split()}
