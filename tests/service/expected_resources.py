"""Each resource as the template describes it, and how the deployed one differs."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from sam_harness.deploying.stack import DeployedStack

# What LocalStack calls a resource that it has not made.
PRETENDED = "unknown"


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of the template, every reference resolved to what was deployed."""

    logical_id: str
    kind: str
    physical_id: str
    properties: Mapping[str, Any]


def resources(stack: DeployedStack, *, account_id: str, region: str) -> list[Resource]:
    """Return every resource that the stack must have."""
    template = stack.template
    names = _deployed_names(template["Resources"], stack, account_id, region)
    return [
        Resource(
            logical_id,
            resource["Type"],
            stack.resources[logical_id],
            _renamed(resource.get("Properties", {}), names),
        )
        for logical_id, resource in template["Resources"].items()
    ]


def differences(expected: Any, actual: Any, path: str = "") -> Iterator[str]:  # noqa: ANN401 - JSON values
    """Yield what is promised and not there; what is there besides is none of ours.

    Lists are sets, as nearly everywhere in CloudFormation; "1000" and 1000 are equal.
    """
    if expected in ({}, []) and not actual:
        return
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        for name, value in expected.items():
            below = f"{path}.{name}" if path else name
            if name not in actual and value not in ({}, []):
                yield f"{below} is not there"
            else:
                yield from differences(value, actual.get(name), below)
    elif isinstance(expected, list) and isinstance(actual, list):
        for value in expected:
            if all(any(differences(value, one)) for one in actual):
                yield f"{path} has no {value}, only {actual}"
        if len(actual) > len(expected):
            yield f"{path} has more than {expected}: {actual}"
    elif _scalar(expected) != _scalar(actual):
        yield f"{path} is {actual!r}, not {expected!r}"


def _scalar(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return value
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return value


def _deployed_names(
    promised: Mapping[str, Any], stack: DeployedStack, account_id: str, region: str
) -> dict[str, str]:
    """Return the names that were resolved without a deployment -> the real ones."""
    names = {}
    for logical_id, resource in promised.items():
        if stack.resources[logical_id] == PRETENDED:
            continue
        names[f"{stack.name}-{logical_id}"] = stack.resources[logical_id]
        if resource["Type"] == "AWS::Lambda::Version":
            # The number that the alias points to; it grows with every update.
            published = stack.resources[logical_id]
            function = resource["Properties"]["FunctionName"]
            names[f"{function}:1.Version"] = published.rpartition(":")[2]
        if resource["Type"] == "AWS::SQS::Queue":
            name = resource["Properties"]["QueueName"]
            url = f"https://sqs.{region}.amazonaws.com/{account_id}/{name}"
            names[url] = stack.resources[logical_id]
    return names


def _renamed(value: Any, names: Mapping[str, str]) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, Mapping):
        return {key: _renamed(one, names) for key, one in value.items()}
    if isinstance(value, list):
        return [_renamed(one, names) for one in value]
    if not isinstance(value, str):
        return value
    longest_first = sorted(names, key=len, reverse=True)
    pattern = "|".join(re.escape(name) for name in longest_first)
    return re.sub(pattern, lambda match: names[match[0]], value)
