"""What is an event pattern, and which events match it. Imports nothing foreign.

EventBridge's rules have them, the filters of Lambda's event source mappings, and SNS's
subscriptions. What is none is a ValueError, in AWS's words where those are published.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from ipaddress import ip_address, ip_network
from itertools import pairwise
from operator import eq, ge, gt, le, lt
from typing import Any

type Request = Mapping[str, Any]
type Test = Callable[[Any], bool]
type Operators = dict[str, Callable[[Any], Test]]
# By the path of a field: what it is in an event, and in which element of which lists.
type Place = dict[int, int]
type Values = Mapping[str, list[tuple[Any, Place]]]

_IGNORE_CASE = "equals-ignore-case"
_COMPARED = {"=": eq, ">": gt, ">=": ge, "<": lt, "<=": le}
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html#eb-filtering-wildcard-matching-complexity
# AWS limits how complex wildcards are in a way that it does not publish.
_MOST_WILDCARDS = 5


def check_pattern(request: Request) -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html."""
    if pattern := request.get("EventPattern"):
        _check(pattern, _OPERATORS)


def check_filters(request: Request) -> None:
    """Lambda has fewer operators than EventBridge.

    https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html#filtering-syntax
    """
    for one in (request.get("FilterCriteria") or {}).get("Filters") or ():
        try:
            _check(one.get("Pattern") or "", _OF_LAMBDA)
        except ValueError as error:
            raise ValueError(f"Invalid filter pattern definition. {error}") from error


def check_policy(request: Request) -> None:
    """https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html."""
    policy = (request.get("Attributes") or {}).get("FilterPolicy")
    if request.get("AttributeName") == "FilterPolicy":
        policy = request.get("AttributeValue")
    if policy and policy.strip() != "{}":
        try:
            _check(policy, _OPERATORS)
        except ValueError as error:
            raise ValueError(f"Invalid parameter: FilterPolicy: {error}") from error


def matches(pattern: Mapping[str, Any], event: object) -> bool:
    """Tell whether an event is one that a pattern, which was checked, asks for."""
    values: dict[str, list[tuple[Any, Place]]] = {}
    for path, value, place in _values(event, "", {}):
        values.setdefault(path, []).append((value, place))
    return any(_has(sorted(one.items()), values, {}) for one in _branches(pattern, ""))


def _need(holds: object, said: str) -> None:
    if not holds:
        raise ValueError(said)


def _check(text: str, operators: Operators) -> None:
    try:
        pattern = json.loads(text, parse_constant=_no_number)
        _need(isinstance(pattern, dict), "Filter is not an object")
        for branch in _branches(pattern, ""):
            for condition in (one for asked in branch.values() for one in asked):
                _test(condition, operators)
    except (RecursionError, ValueError) as error:
        raise ValueError(f"Event pattern is not valid. Reason: {error}") from None


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def _branches(pattern: Mapping[str, Any], above: str) -> list[dict[str, Any]]:
    """Return the ways to match a pattern: what each asks of which fields.

    A dot in a name is as good as a level: AWS knows no difference.
    """
    _need(pattern, "Empty objects are not allowed")
    found: list[dict[str, Any]] = [{}]
    for name, asked in pattern.items():
        if name == "$or":
            more = _alternatives(asked, above)
        elif isinstance(asked, dict):
            more = _branches(asked, f"{above}{name}.")
        else:
            _need(isinstance(asked, list), f'"{name}" must be an object or an array')
            _need(asked, "Empty arrays are not allowed")
            more = [{above + name: asked}]
        found = [one | other for one in found for other in more]
        _need(len(found) <= 1000, "$or makes more than 1000 combinations")
    return found


def _alternatives(asked: Any, above: str) -> list[dict[str, Any]]:  # noqa: ANN401 - any JSON
    _need(isinstance(asked, list), "It must be an Array followed with $or.")
    for one in asked:
        said = "Only JSON object is allowed in array of $or relationship."
        _need(isinstance(one, dict), said)
        reserved = ", ".join(sorted(_OPERATORS.keys() & one.keys()))
        said = "is Ruler reserved fieldName which cannot be used inside $or."
        _need(not reserved, f"{reserved} {said}")
    _need(asked[1:], "There must have at least 2 Objects in $or relationship.")
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


def _has(asked: list[tuple[str, list[Any]]], values: Values, place: Place) -> bool:
    """Tell whether there is what is asked, all of it in one element of each list.

    An object, or an empty list, is no field that exists.
    """
    if not asked:
        return True
    (path, conditions), *rest = asked
    there = [
        (value, place | own)
        for value, own in values.get(path, ())
        if all(place.get(of, number) == number for of, number in own.items())
    ]
    if not there:
        return {"exists": False} in conditions and _has(rest, values, place)
    tests = [_test(one, _OPERATORS) for one in conditions]
    # Of elements that the other fields are not in, one is as good as another.
    lists = {of for other, _ in rest for _, own in values.get(other, ()) for of in own}
    found = {
        frozenset((of, number) for of, number in inside.items() if of in lists)
        for value, inside in there
        if any(test(value) for test in tests)
    }
    return any(_has(rest, values, dict(inside)) for inside in found)


def _test(condition: Any, operators: Operators) -> Test:  # noqa: ANN401 - any JSON
    """Return what a condition asks of a field that exists."""
    said = "Match value must be String, number, true, false, or null"
    _need(not isinstance(condition, list), said)
    if not isinstance(condition, dict):
        return lambda value: _is_same(value, condition)
    _need(len(condition) == 1, "Only one key allowed in match expression")
    [(name, asked)] = condition.items()
    _need(name in operators, f"Unrecognized match type {name}")
    return operators[name](asked)


def _is_same(value: object, asked: object) -> bool:
    # For Python, true is 1. By AWS's page 1.0 is not, by the engine that AWS publishes
    # (aws/event-ruler) it is.
    return value == asked and isinstance(value, bool) == isinstance(asked, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _of_text(name: str, holds: Callable[[str, str], bool]) -> Callable[[Any], Test]:
    """Return an operator that no value but a text fulfils."""

    def operator(asked: Any) -> Test:  # noqa: ANN401 - any JSON
        is_folded = name == _IGNORE_CASE
        if isinstance(asked, dict) and [*asked] == [_IGNORE_CASE] and not is_folded:
            is_folded, asked = True, asked[_IGNORE_CASE]
        _need(isinstance(asked, str), f"{name} match pattern must be a string")
        fold = str.lower if is_folded else str
        return lambda value: isinstance(value, str) and holds(fold(value), fold(asked))

    return operator


def _wildcard(asked: Any) -> Test:  # noqa: ANN401 - any JSON
    _need(isinstance(asked, str), "wildcard match pattern must be a string")
    parts = [one for one in re.split(r"(\\[*\\]|\*)", asked) if one]
    said = f"Consecutive wildcard characters at pos {asked.find('**') + 1}"
    _need(("*", "*") not in pairwise(parts), said)
    said = "Rule is too complex - try using fewer wildcard characters"
    _need(parts.count("*") <= _MOST_WILDCARDS, said)
    texts = [""]
    for one in parts:
        is_escape = one in {r"\*", r"\\"}
        _need(is_escape or "\\" not in one, "Invalid escape character")
        if one == "*":
            texts.append("")
        else:
            texts[-1] += one[-1] if is_escape else one
    return lambda value: isinstance(value, str) and _is_made_of(texts, value)


def _is_made_of(texts: list[str], value: str) -> bool:
    """Tell whether a value is these texts with anything between each two.

    Not by a regular expression: one with some wildcards may take minutes.
    """
    if len(texts) == 1:
        return value == texts[0]
    first, *middle, last = texts
    at, end = len(first), len(value) - len(last)
    if at > end or not (value.startswith(first) and value.endswith(last)):
        return False
    for text in middle:
        found = value.find(text, at, end)
        if found < 0:
            return False
        at = found + len(text)
    return True


def _but_values(asked: object) -> Test:
    values = asked if isinstance(asked, list) else [asked]
    are_alike = any(all(map(one, values)) for one in (_is_text, _is_number))
    said = "Value of anything-but must be an array or single string/number value."
    _need(values and are_alike, said)
    return lambda value: not any(_is_same(value, one) for one in values)


def _anything_but(asked: object) -> Test:
    if not isinstance(asked, dict):
        return _but_values(asked)
    _need(len(asked) == 1, "Only one key allowed in match expression")
    [(name, said)] = asked.items()
    _need(name in _INSIDE_BUT, f"Unsupported anything-but pattern: {name}")
    texts = said if isinstance(said, list) else [said]
    _need(all(map(_is_text, texts)), f"{name} match pattern must be a string")
    is_empty = name.endswith("fix") and "" in texts
    _need(texts and not is_empty, "Null prefix/suffix not allowed")
    tests = [_OPERATORS[name](one) for one in texts]
    return lambda value: not any(test(value) for test in tests)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _exists(asked: object) -> Test:
    said = "exists match pattern must be either true or false."
    _need(isinstance(asked, bool), said)
    return lambda _: bool(asked)


def _numeric(asked: Any) -> Test:  # noqa: ANN401 - any JSON
    _need(isinstance(asked, list), "Value of numeric must be an array.")
    names, numbers = asked[::2], asked[1::2]
    for name in names:
        _need(str(name) in _COMPARED, f"Unrecognized numeric range operator: {name}")
    are_given = len(names) == len(numbers) and all(map(_is_number, numbers))
    _need(names and are_given, f"Value of {''.join(names[-1:])} must be numeric")
    if numbers[1:]:
        is_range = names[0] in {">", ">="} and not numbers[2:]
        _need(is_range, "Too many elements in numeric expression")
        _need(names[1] in {"<", "<="}, f"Bad numeric range operator: {names[1]}")
        _need(numbers[0] < numbers[1], "Bottom must be less than top")
    tests = [(_COMPARED[name], at) for name, at in zip(names, numbers, strict=True)]
    return lambda value: _is_number(value) and all(one(value, at) for one, at in tests)


def _cidr(asked: Any) -> Test:  # noqa: ANN401 - any JSON
    _need(isinstance(asked, str), "prefix match pattern must be a string")
    address, *bits = asked.split("/")
    _need(len(bits) == 1, "Malformed CIDR, one '/' required")
    _need(bits[0].isdecimal(), "Malformed CIDR, mask bits must be an integer")
    try:
        network = ip_network(f"{address}/{bits[0]}", strict=False)
    except ValueError:
        raise ValueError(f"Nonstandard IP address: {address}") from None

    def is_inside(value: object) -> bool:
        try:
            return isinstance(value, str) and ip_address(value) in network
        except ValueError:
            return False

    return is_inside


_INSIDE_BUT = {"prefix", "suffix", "wildcard", _IGNORE_CASE}
_OF_LAMBDA: Operators = {
    "prefix": _of_text("prefix", str.startswith),
    "suffix": _of_text("suffix", str.endswith),
    _IGNORE_CASE: _of_text(_IGNORE_CASE, eq),
    "anything-but": _but_values,
    "exists": _exists,
    "numeric": _numeric,
}
_OPERATORS: Operators = _OF_LAMBDA | {
    "anything-but": _anything_but,
    "cidr": _cidr,
    "wildcard": _wildcard,
}
