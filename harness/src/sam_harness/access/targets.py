"""What an action may be tried on: a template's resources, what is in them, decoys.

Names, as the matrix writes them:
    RefundTable                 a resource, by its logical id
    RefundTable/index/GSI1      something in it
    RefundLogGroup/*            it, and all that is in it
    another sqs queue           a decoy: one of each type that a service knows
    arn:aws:sqs:...             what is no resource of the template, by its ARN
    *                           anything: for actions that know no resources
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from sam_harness.access.stack import Placed, Stack
from sam_harness.errors import HarnessError
from sam_harness.iam.reference import actions, arn_formats

ANYTHING = "*"
ANOTHER = "another"
_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Target:
    """Something with an ARN, and how the matrix calls it."""

    name: str
    arn: str


def is_action(action: str) -> bool:
    """Tell whether IAM has an action of exactly this name."""
    prefix, _, name = action.partition(":")
    return name in actions(prefix)


def covers(resource: str, name: str) -> bool:
    """Tell whether a matrix's ``resource`` includes the target of this name."""
    if resource.endswith("/*"):
        whole = resource.removesuffix("/*")
        return name == whole or name.startswith(f"{whole}/")
    return resource in {name, ANYTHING}


def find(stack: Stack, name: str) -> Target:
    """Return the target that a matrix names; of ``X/*`` something in X.

    Raises:
        HarnessError: the stack has no such thing.
    """
    if name == ANYTHING or name.startswith("arn:"):
        return Target(name, name)
    logical_id, _, below = name.partition("/")
    if resource := stack.resources.get(logical_id):
        if not below:
            return Target(name, resource.arn)
        if below == "*":
            inner = next(_below(stack, resource), None)
            return Target(name, inner.arn if inner else f"{resource.arn}/{ANOTHER}")
        return Target(name, f"{resource.arn}{resource.type.separator}{below}")
    another, _, kind = name.partition(" ")
    service = kind.partition(" ")[0]
    if another == ANOTHER:
        for target in _decoys(stack, service):
            if target.name == name:
                return target
    raise HarnessError(f"the matrix names {name}, which the template has not")


def targets(stack: Stack, service: str) -> Iterator[Target]:
    """Yield every target of a service; some may come twice."""
    for resource in stack.resources.values():
        if resource.service == service:
            yield Target(resource.logical_id, resource.arn)
            yield from _below(stack, resource)
    yield from _decoys(stack, service)
    yield Target(ANYTHING, "*")


def _below(stack: Stack, resource: Placed) -> Iterator[Target]:
    for inner in resource.keys:
        if inner != resource.arn:
            yield Target(stack.name_of(inner), inner)
    formats = arn_formats(resource.service).values()
    own = [one for one in formats if _pattern(one).fullmatch(resource.arn)]
    if not own:
        return
    shortest = min(own, key=len)
    for one in formats:
        rest = one.removeprefix(shortest)
        if one.startswith(shortest) and rest.startswith(("/", ":")):
            inner = resource.arn + _PLACEHOLDER.sub(ANOTHER, rest)
            yield Target(stack.name_of(inner), inner)


def _decoys(stack: Stack, service: str) -> Iterator[Target]:
    place = stack.place
    known = {
        "Partition": place.partition,
        "Region": place.region,
        "Account": place.account_id,
    }
    for kind, one in arn_formats(service).items():
        arn = _PLACEHOLDER.sub(lambda found: known.get(found[1], ANOTHER), one)
        yield Target(f"{ANOTHER} {service} {kind}", arn)


@cache
def _pattern(arn_format: str, placeholder: str = ".*") -> re.Pattern[str]:
    parts = _PLACEHOLDER.split(arn_format)[::2]
    return re.compile(placeholder.join(re.escape(part) for part in parts))


def has_format(arn: str, arn_format: str) -> bool:
    """Tell whether an ARN has this format, with a name and nothing below it."""
    return _pattern(arn_format, "[^:]*").fullmatch(arn) is not None
