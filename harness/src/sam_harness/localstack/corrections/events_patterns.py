"""What is an event pattern, and which events match it. Imports nothing foreign.

EventBridge's rules have them, the filters of Lambda's event source mappings, and SNS's
subscriptions. What is none is a ValueError, in AWS's words where those are published.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sam_harness.localstack.corrections.events_conditions import (
    OF_LAMBDA,
    OPERATORS,
    Operators,
    Test,
    need,
    test_of,
)

type Request = Mapping[str, Any]
# By the path of a field: what it is in an event, and in which element of which lists.
type Place = dict[int, int]
type Values = Mapping[str, list[tuple[Any, Place]]]
# Its path, what it may be, and whether it may be missing.
type Field = tuple[str, list[Test], bool]


def check_pattern(request: Request) -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html."""
    if pattern := request.get("EventPattern"):
        _check(pattern, OPERATORS)


def check_filters(request: Request) -> None:
    """Lambda has fewer operators than EventBridge.

    https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html#filtering-syntax
    """
    for one in (request.get("FilterCriteria") or {}).get("Filters") or ():
        try:
            _check(one.get("Pattern") or "", OF_LAMBDA)
        except ValueError as error:
            raise ValueError(f"Invalid filter pattern definition. {error}") from error


def check_policy(request: Request) -> None:
    """https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html."""
    policy = (request.get("Attributes") or {}).get("FilterPolicy")
    if request.get("AttributeName") == "FilterPolicy":
        policy = request.get("AttributeValue")
    if policy and policy.strip() != "{}":
        try:
            _check(policy, OPERATORS)
        except ValueError as error:
            raise ValueError(f"Invalid parameter: FilterPolicy: {error}") from error


def matches(pattern: Mapping[str, Any], event: object) -> bool:
    """Tell whether an event is one that a pattern, which was checked, asks for."""
    values: dict[str, list[tuple[Any, Place]]] = {}
    for path, value, place in _values(event, "", {}):
        values.setdefault(path, []).append((value, place))
    return any(_has(_fields(one), values, {}) for one in _branches(pattern, ""))


def _check(text: str, operators: Operators) -> None:
    try:
        pattern = json.loads(text, parse_constant=_no_number)
        need(isinstance(pattern, dict), "Filter is not an object")
        for branch in _branches(pattern, ""):
            for condition in (one for asked in branch.values() for one in asked):
                test_of(condition, operators)
    except (RecursionError, ValueError) as error:
        raise ValueError(f"Event pattern is not valid. Reason: {error}") from None


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def _branches(pattern: Mapping[str, Any], above: str) -> list[dict[str, Any]]:
    """Return the ways to match a pattern: what each asks of which fields.

    A dot in a name is as good as a level: AWS knows no difference.
    """
    need(pattern, "Empty objects are not allowed")
    found: list[dict[str, Any]] = [{}]
    for name, asked in pattern.items():
        if name == "$or":
            more = _alternatives(asked, above)
        elif isinstance(asked, dict):
            more = _branches(asked, f"{above}{name}.")
        else:
            need(isinstance(asked, list), f'"{name}" must be an object or an array')
            need(asked, "Empty arrays are not allowed")
            more = [{above + name: asked}]
        found = [one | other for one in found for other in more]
        need(len(found) <= 1000, "$or makes more than 1000 combinations")
    return found


def _alternatives(asked: Any, above: str) -> list[dict[str, Any]]:  # noqa: ANN401 - any JSON
    need(isinstance(asked, list), "It must be an Array followed with $or.")
    for one in asked:
        said = "Only JSON object is allowed in array of $or relationship."
        need(isinstance(one, dict), said)
        reserved = ", ".join(sorted(OPERATORS.keys() & one.keys()))
        said = "is Ruler reserved fieldName which cannot be used inside $or."
        need(not reserved, f"{reserved} {said}")
    need(asked[1:], "There must have at least 2 Objects in $or relationship.")
    return [branch for one in asked for branch in _branches(one, above)]


def _values(node: object, path: str, place: Place) -> Iterator[tuple[str, Any, Place]]:
    """Yield the path, value and place of what in an event is no object and no list."""
    if isinstance(node, dict):
        for name, one in node.items():
            yield from _values(one, f"{path}.{name}" if path else name, place)
    elif isinstance(node, list):
        for number, one in enumerate(node):
            yield from _values(one, path, {**place, id(node): number})
    else:
        yield path, node, place


def _fields(branch: Mapping[str, list[Any]]) -> list[Field]:
    return [
        (path, [test_of(one, OPERATORS) for one in asked], {"exists": False} in asked)
        for path, asked in sorted(branch.items())
    ]


def _has(asked: list[Field], values: Values, place: Place) -> bool:
    """Tell whether there is what is asked, all of it in one element of each list.

    An object, or an empty list, is no field that exists.
    """
    if not asked:
        return True
    (path, tests, may_be_missing), *rest = asked
    there = [
        (value, place | own)
        for value, own in values.get(path, ())
        if all(place.get(of, number) == number for of, number in own.items())
    ]
    if not there:
        return may_be_missing and _has(rest, values, place)
    # Of elements that the other fields are not in, one is as good as another.
    lists = {of for other, *_ in rest for _, own in values.get(other, ()) for of in own}
    found = {
        frozenset((of, number) for of, number in inside.items() if of in lists)
        for value, inside in there
        if any(test(value) for test in tests)
    }
    return any(_has(rest, values, dict(inside)) for inside in found)
