"""The boolean functions of conditions and of the template's Rules."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from harness.errors import HarnessError
from harness.template.parameters import text_of

type Resolve = Callable[[Any], Any]


def evaluate(
    expression: object, resolve: Resolve, condition: Callable[[str], bool]
) -> bool:
    """Evaluate a condition; ``resolve`` gives values, ``condition`` named ones.

    Raises:
        HarnessError: it is no expression that CloudFormation knows.

    """

    def holds(part: object) -> bool:
        return evaluate(part, resolve, condition)

    result: bool
    match expression:
        case bool():
            result = expression
        case {"Condition": str(name)}:
            result = condition(name)
        case {"Fn::Not": [part]}:
            result = not holds(part)
        case {"Fn::And": list(parts)}:
            result = all(holds(part) for part in parts)
        case {"Fn::Or": list(parts)}:
            result = any(holds(part) for part in parts)
        case _:
            result = _compare(expression, resolve)
    return result


def _compare(expression: object, resolve: Resolve) -> bool:
    for name, compare in _COMPARISONS.items():
        if isinstance(expression, dict) and name in expression:
            left, right = expression[name]
            return compare(resolve(left), resolve(right))
    raise HarnessError(f"not a condition: {expression!r}")


def _equals(left: object, right: object) -> bool:
    return text_of(left) == text_of(right)


def _contains(members: Iterable[object], value: object) -> bool:
    return any(_equals(member, value) for member in members)


def _each_equals(members: Iterable[object], value: object) -> bool:
    return all(_equals(member, value) for member in members)


def _each_in(members: Iterable[object], allowed: Sequence[object]) -> bool:
    return all(_contains(allowed, member) for member in members)


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "Fn::Contains": _contains,
    "Fn::EachMemberEquals": _each_equals,
    "Fn::EachMemberIn": _each_in,
    "Fn::Equals": _equals,
}
BOOLEAN_FUNCTIONS = frozenset(
    {"Condition", "Fn::And", "Fn::Not", "Fn::Or", *_COMPARISONS}
)
