"""What an action may be tried on: a template's resources, what is in them, decoys.

Names, as the matrix writes them:
    RefundTable                 a resource, by its logical id
    RefundTable/index/GSI1      something in it
    RefundLogGroup/*            it, and all that is in it
    another sqs queue           a decoy: one of each type that a service knows
    *                           anything: for actions that know no resources
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from harness.access.reference import PLACEHOLDER, services
from harness.access.stack import Placed, Stack
from harness.errors import HarnessError

ANYTHING = "*"
ANOTHER = "another"
_INDEXES = ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")


@dataclass(frozen=True, slots=True)
class Target:
    """Something with an ARN, and how the matrix calls it."""

    name: str
    arn: str


def covers(resource: str, name: str) -> bool:
    """Tell whether a matrix's ``resource`` includes the target of this name."""
    if resource.endswith("/*"):
        whole = resource.removesuffix("/*")
        return name == whole or name.startswith(f"{whole}/")
    return resource in {name, ANYTHING}


def targets(stack: Stack, service: str) -> Iterator[Target]:
    """Yield every target of a service, each name once."""
    seen = set()
    for target in _targets(stack, service):
        if target.name not in seen:
            seen.add(target.name)
            yield target


def inner_of(resource: Placed) -> tuple[str, ...]:
    """Return the ARNs that a resource's properties add to its own: its indexes."""
    return tuple(
        f"{resource.arn}/index/{index['IndexName']}"
        for key in _INDEXES
        for index in resource.properties.get(key) or []
    )


def find(stack: Stack, name: str) -> Target:
    """Return the target that a matrix names; of ``X/*`` something in X.

    Raises:
        HarnessError: the stack has no such thing.

    """
    if name == ANYTHING:
        return Target(name, "*")
    logical_id, _, below = name.partition("/")
    if resource := stack.resources.get(logical_id):
        if not below:
            return Target(name, resource.arn)
        if below == "*":
            inner = next(_below(stack, resource), None)
            return Target(name, inner.arn if inner else f"{resource.arn}/{ANOTHER}")
        return Target(name, f"{resource.arn}{resource.separator}{below}")
    another, _, kind = name.partition(" ")
    service = kind.partition(" ")[0]
    if another == ANOTHER and service in services():
        for target in _decoys(stack, service):
            if target.name == name:
                return target
    raise HarnessError(f"the matrix names {name}, which the template has not")


def _targets(stack: Stack, service: str) -> Iterator[Target]:
    for resource in stack.resources.values():
        if resource.service == service:
            yield Target(resource.logical_id, resource.arn)
            yield from _below(stack, resource)
    yield from _decoys(stack, service)
    yield Target(ANYTHING, "*")


def _below(stack: Stack, resource: Placed) -> Iterator[Target]:
    for inner in inner_of(resource):
        yield Target(stack.name_of(inner), inner)
    formats = (
        services()[resource.service].arns if resource.service in services() else {}
    )
    own = [one for one in formats.values() if _pattern(one).fullmatch(resource.arn)]
    if not own:
        return
    shortest = min(own, key=len)
    for one in formats.values():
        rest = one.removeprefix(shortest)
        if one.startswith(shortest) and rest.startswith(("/", ":")):
            inner = resource.arn + PLACEHOLDER.sub(ANOTHER, rest)
            yield Target(stack.name_of(inner), inner)


def _decoys(stack: Stack, service: str) -> Iterator[Target]:
    place = stack.place
    known = {
        "Partition": place.partition,
        "Region": place.region,
        "Account": place.account_id,
    }
    for kind, one in services()[service].arns.items():
        arn = PLACEHOLDER.sub(lambda found: known.get(found[1], ANOTHER), one)
        yield Target(f"{ANOTHER} {service} {kind}", arn)


@cache
def _pattern(arn_format: str) -> re.Pattern[str]:
    parts = PLACEHOLDER.split(arn_format)[::2]
    return re.compile(".*".join(re.escape(part) for part in parts))
