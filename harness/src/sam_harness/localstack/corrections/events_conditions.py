"""What a condition of an event pattern asks of a field that exists.

Imports nothing foreign. What is no condition is a ValueError, in AWS's words where
those are published.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
"""

import re
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from itertools import pairwise
from operator import eq, ge, gt, le, lt
from typing import Any

type Test = Callable[[Any], bool]
type Operators = dict[str, Callable[[Any], Test]]

_IGNORE_CASE = "equals-ignore-case"
_COMPARED = {"=": eq, ">": gt, ">=": ge, "<": lt, "<=": le}
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html#eb-filtering-wildcard-matching-complexity
# AWS limits how complex wildcards are in a way that it does not publish.
_MOST_WILDCARDS = 5


def need(holds: object, said: str) -> None:
    """Raise ValueError with what is said, unless something holds."""
    if not holds:
        raise ValueError(said)


def test_of(condition: Any, operators: Operators) -> Test:  # noqa: ANN401 - any JSON
    """Return what a condition asks of a field that exists."""
    said = "Match value must be String, number, true, false, or null"
    need(not isinstance(condition, list), said)
    if not isinstance(condition, dict):
        return lambda value: _is_same(value, condition)
    need(len(condition) == 1, "Only one key allowed in match expression")
    [(name, asked)] = condition.items()
    need(name in operators, f"Unrecognized match type {name}")
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
        need(isinstance(asked, str), f"{name} match pattern must be a string")
        fold = str.lower if is_folded else str
        return lambda value: isinstance(value, str) and holds(fold(value), fold(asked))

    return operator


def _wildcard(asked: Any) -> Test:  # noqa: ANN401 - any JSON
    need(isinstance(asked, str), "wildcard match pattern must be a string")
    parts = [one for one in re.split(r"(\\[*\\]|\*)", asked) if one]
    said = f"Consecutive wildcard characters at pos {asked.find('**') + 1}"
    need(("*", "*") not in pairwise(parts), said)
    said = "Rule is too complex - try using fewer wildcard characters"
    need(parts.count("*") <= _MOST_WILDCARDS, said)
    texts = [""]
    for one in parts:
        is_escape = one in {r"\*", r"\\"}
        need(is_escape or "\\" not in one, "Invalid escape character")
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
    need(values and are_alike, said)
    return lambda value: not any(_is_same(value, one) for one in values)


def _anything_but(asked: object) -> Test:
    if not isinstance(asked, dict):
        return _but_values(asked)
    need(len(asked) == 1, "Only one key allowed in match expression")
    [(name, said)] = asked.items()
    need(name in _INSIDE_BUT, f"Unsupported anything-but pattern: {name}")
    texts = said if isinstance(said, list) else [said]
    need(all(map(_is_text, texts)), f"{name} match pattern must be a string")
    is_empty = name.endswith("fix") and "" in texts
    need(texts and not is_empty, "Null prefix/suffix not allowed")
    tests = [OPERATORS[name](one) for one in texts]
    return lambda value: not any(test(value) for test in tests)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _exists(asked: object) -> Test:
    said = "exists match pattern must be either true or false."
    need(isinstance(asked, bool), said)
    return lambda _: bool(asked)


def _numeric(asked: Any) -> Test:  # noqa: ANN401 - any JSON
    need(isinstance(asked, list), "Value of numeric must be an array.")
    names, numbers = asked[::2], asked[1::2]
    for name in names:
        need(str(name) in _COMPARED, f"Unrecognized numeric range operator: {name}")
    are_given = len(names) == len(numbers) and all(map(_is_number, numbers))
    need(names and are_given, f"Value of {''.join(names[-1:])} must be numeric")
    if numbers[1:]:
        is_range = names[0] in {">", ">="} and not numbers[2:]
        need(is_range, "Too many elements in numeric expression")
        need(names[1] in {"<", "<="}, f"Bad numeric range operator: {names[1]}")
        need(numbers[0] < numbers[1], "Bottom must be less than top")
    tests = [(_COMPARED[name], at) for name, at in zip(names, numbers, strict=True)]
    return lambda value: _is_number(value) and all(one(value, at) for one, at in tests)


def _cidr(asked: Any) -> Test:  # noqa: ANN401 - any JSON
    need(isinstance(asked, str), "prefix match pattern must be a string")
    address, *bits = asked.split("/")
    need(len(bits) == 1, "Malformed CIDR, one '/' required")
    need(bits[0].isdecimal(), "Malformed CIDR, mask bits must be an integer")
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
OF_LAMBDA: Operators = {
    "prefix": _of_text("prefix", str.startswith),
    "suffix": _of_text("suffix", str.endswith),
    _IGNORE_CASE: _of_text(_IGNORE_CASE, eq),
    "anything-but": _but_values,
    "exists": _exists,
    "numeric": _numeric,
}
OPERATORS: Operators = OF_LAMBDA | {
    "anything-but": _anything_but,
    "cidr": _cidr,
    "wildcard": _wildcard,
}
