"""An API call, and what the caller must be allowed to do for it."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType
from typing import Any

from sam_harness.errors import HarnessError
from sam_harness.iam.request import text

type Values = Mapping[str, object]
type Context = Mapping[str, tuple[str, ...]]
type Rule = Callable[["Call"], Iterable["Authorization"]]
type Keys = Mapping[str, str] | Callable[["Call"], Context]
type ResourceOf = Callable[["Call"], str | tuple[str, ...]]
# The end of a regional ARN with {} for the name, or what writes the whole ARN of what
# is named, perhaps by an ARN.
type Arn = str | Callable[["Call", str], str]

NOTHING: Context = MappingProxyType({})


class UnmappableCall(HarnessError):  # noqa: N818 - it is a call, seen by a caller
    """Nothing can be said about this call: deny it."""


class UnknownOperation(UnmappableCall):
    """The mapping does not know the operation."""


class MissingResource(UnmappableCall):
    """The call does not name the resource it is about, or not understandably."""


@dataclass(frozen=True, slots=True)
class Authorization:
    """One permission a call needs; ``context`` has the service's condition keys.

    ``formats``: where the resource cannot be told, all that it may be, with ``*`` for
    what is not known. ``unknown``: see `request.Request`. ``absent``: the keys that the
    request would have if it said them, and those that ``context`` has without a value.
    """

    action: str
    resource: str
    context: Context = NOTHING
    formats: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Keep no key without a value in the context."""
        empty = tuple(key for key, found in self.context.items() if not found)
        filled = {key: found for key, found in self.context.items() if found}
        object.__setattr__(self, "context", filled)
        object.__setattr__(self, "absent", (*self.absent, *empty))


@dataclass(frozen=True, slots=True)
class Call:
    """A parsed API call; service, operation and parameters by their boto3 names.

    ``members``: the names of all parameters that it may have, as far as that is known.
    ``prefix``: of the service's actions, where it is not its name. ``method`` and
    ``path`` are the HTTP request's, decoded; ``client``: condition keys of who sent it.
    ``lookup`` asks the service of an ARN what its mapping must know of the resource
    (see `service.Service`); None: that is not known.
    """

    service: str
    operation: str
    parameters: Values
    account: str
    region: str
    partition: str = "aws"
    members: Collection[str] = ()
    prefix: str = ""
    method: str = ""
    path: str = ""
    client: Mapping[str, str] = field(default_factory=dict)
    lookup: Callable[[str], Any] = lambda _arn: None

    def arn(self, resource: str) -> str:
        """Write the ARN of a regional resource in the caller's account."""
        prefix = f"arn:{self.partition}:{self.service}"
        return f"{prefix}:{self.region}:{self.account}:{resource}"

    def global_arn(self, resource: str) -> str:
        """Write the ARN of a resource that belongs to no region (IAM)."""
        return f"arn:{self.partition}:{self.service}::{self.account}:{resource}"

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


def anything(_call: Call) -> str:
    """Stand for actions that know no resources."""
    return "*"


def every(resource: str) -> ResourceOf:
    """Stand for all resources of a kind, as AWS's denials of a list name them.

    Its reference lists none for such actions: but a policy on all of them is enough.
    """
    return lambda call: call.arn(resource)


def by(*parameters: str, arn: Arn = "{}", default: str = "") -> ResourceOf:
    """Find the resource by the first of the parameters that is given.

    Its value may be a full ARN. Without a ``default`` name, one must be given.
    """

    def resource_of(call: Call) -> str:
        named = [one for one in parameters if call.parameters.get(one)]
        if default and not named:
            return arn_of(call, default, arn)
        return arn_of(call, call.text((named or [parameters[-1]])[0]), arn)

    return resource_of


def each(parameter: str, arn: Arn) -> ResourceOf:
    """Find a resource for each name in a list; without names, all of the kind."""

    def resources_of(call: Call) -> tuple[str, ...]:
        names = strings(call.parameters.get(parameter)) or ("*",)
        return tuple(arn_of(call, name, arn) for name in names)

    return resources_of


def arn_of(call: Call, name: str, arn: Arn) -> str:
    """Write the ARN of what a call names, by that or by a name."""
    if callable(arn):
        return arn(call, name)
    return name if name.startswith("arn:") else call.arn(arn.format(name))


def rules(service: str, table: Mapping[ResourceOf, str]) -> dict[str, Rule]:
    """Make rules for operations that need the action of their own name.

    ``Operation=Action`` in the table means an action of another name.
    """
    made: dict[str, Rule] = {}
    for resource_of, listed in table.items():
        for entry in listed.split():
            operation, _, action = entry.partition("=")
            named = f"{service}:{action or operation}"
            made[operation] = partial(_on_each, named, resource_of)
    return made


def _on_each(
    action: str, resource_of: ResourceOf, call: Call
) -> Iterable[Authorization]:
    found = resource_of(call)
    for resource in (found,) if isinstance(found, str) else found:
        yield Authorization(action, resource)


def pass_role(role: object, service: str) -> Authorization:
    """Need to pass a role on to the service that is to work in it."""
    to = {"iam:PassedToService": (f"{service}.amazonaws.com",)}
    return Authorization("iam:PassRole", str(role), to)


def given(call: Call, keys: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return condition keys with their parameters' values; none of what is not given.

    ``keys``: parameter by condition key; a dot leads into a map.
    """
    context: dict[str, tuple[str, ...]] = dict.fromkeys(keys, ())
    for key, path in keys.items():
        value: object = call.parameters
        for name in path.split("."):
            value = values(value).get(name)
        if isinstance(value, list | tuple):
            context[key] = strings(value)
        elif isinstance(value, str | int | float):
            context[key] = (text(value),)
    return context


def tags(call: Call) -> dict[str, tuple[str, ...]]:
    """Return ``aws:TagKeys`` and ``aws:RequestTag/...`` of a list or map of tags."""
    pairs = _pairs(call.parameters.get("Tags") or call.parameters.get("tags"))
    # Condition keys of two that differ in their case alone are one.
    if not pairs or len({key.lower() for key in pairs}) < len(pairs):
        return {}
    context = {f"aws:RequestTag/{key}": (value,) for key, value in pairs.items()}
    return context | {"aws:TagKeys": tuple(pairs)}


def keys_of_tags(key: str, written: object) -> dict[str, str]:
    """Return ``key/...`` of a list or map of tags; the names in lower case."""
    return {f"{key}/{name}".lower(): value for name, value in _pairs(written).items()}


def _pairs(written: object) -> dict[str, str]:
    return {
        # Step Functions writes them small. KMS has other names: they stay unknown.
        str(tag.get("Key", tag.get("key"))): str(tag.get("Value", tag.get("value", "")))
        for tag in map(values, items(written))
        if "Key" in tag or "key" in tag
    } | {str(key): str(value) for key, value in values(written).items()}


def add_keys(table: dict[str, Rule], operations: str, keys: Keys) -> None:
    """Add condition keys to what these operations need; ``keys``: see `given`.

    Not to those of another service, as iam:PassRole, which some need besides.
    """
    for operation in operations.split():
        table[operation] = partial(_keyed, table[operation], keys)


def _keyed(inner: Rule, keys: Keys, call: Call) -> Iterable[Authorization]:
    more = keys(call) if callable(keys) else given(call, keys)
    for one in inner(call):
        own = one.action.partition(":")[0] in {call.prefix, call.service}
        yield replace(one, context={**one.context, **more}) if own else one


def add_action(
    table: dict[str, Rule], operations: str, action: str, parameter: str
) -> None:
    """Need an action besides, on the same resource, if the parameter is given."""
    for operation in operations.split():
        table[operation] = partial(_and_action, table[operation], action, parameter)


def _and_action(
    inner: Rule, action: str, parameter: str, call: Call
) -> Iterable[Authorization]:
    for one in inner(call):
        yield one
        if call.parameters.get(parameter):
            yield Authorization(action, one.resource)
