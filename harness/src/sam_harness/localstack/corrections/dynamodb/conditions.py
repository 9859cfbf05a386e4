"""Conditions and filters by the types of their operands; imports moto only.

moto compares what its values become in Python: a number may equal a truth value, two
long numbers are one, and what cannot be compared is an error of the server. To AWS a
comparison of two types is merely not true.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
"""

import operator
from base64 import b64decode
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from moto.dynamodb import comparisons as moto
from moto.dynamodb.models.dynamo_type import DynamoType

type Item = Any
# A type such as S, and what is compared or measured of the value.
type Typed = tuple[str, Any]

_ORDERED: Mapping[type, Callable[[Any, Any], bool]] = {
    moto.OpLessThan: operator.lt,
    moto.OpGreaterThan: operator.gt,
    moto.OpLessThanOrEqual: operator.le,
    moto.OpGreaterThanOrEqual: operator.ge,
}
_MOST_OF_IN = 100
_WITH_AN_ORDER = {"S", "N", "B"}


class Condition:
    """A condition that moto has parsed, as `moto` calls it."""

    def __init__(self, parsed: Any) -> None:  # noqa: ANN401 - any of moto's operators
        """Take what DynamoDB takes.

        Raises:
            ValueError: it takes no such condition, whatever an item is.
        """
        _check(parsed)
        self._parsed = parsed

    def expr(self, item: Item | None) -> bool:
        """Whether it holds for an item; None: there is no item."""
        return _holds(self._parsed, item)


def is_doubled(text: str) -> bool:
    """Tell whether ((parentheses)) hold nothing but parentheses."""
    bare = "".join(text.split())
    opened: list[int] = []
    pairs: dict[int, int] = {}
    for place, sign in enumerate(bare):
        if sign == "(":
            opened.append(place)
        elif sign == ")" and opened:
            pairs[opened.pop()] = place
    return any(pairs.get(start + 1) == end - 1 for start, end in pairs.items())


def _check(condition: Any) -> None:  # noqa: ANN401 - of moto
    for part in ("lhs", "rhs"):
        if inner := getattr(condition, part, None):
            _check(inner)
    if isinstance(condition, moto.FuncIn):
        if (number := len(condition.possible_values)) > _MOST_OF_IN:
            raise ValueError(
                "Incorrect number of operands for operator or function; operator or "
                f"function: IN, number of operands: {number}"
            )
    elif isinstance(condition, moto.FuncBetween):
        bounds = condition.start, condition.end
        literal = all(isinstance(one, moto.AttributeValue) for one in bounds)
        if literal and _compare(operator.gt, *bounds, None):
            raise ValueError(
                "The BETWEEN operator requires upper bound to be greater than or equal "
                "to lower bound"
            )


def _holds(condition: Any, item: Item | None) -> bool:  # noqa: ANN401 - of moto
    if rule := _RULES.get(type(condition)):
        return rule(condition, item)
    if compare := _ORDERED.get(type(condition)):
        return _compare(compare, condition.lhs, condition.rhs, item)
    return bool(condition.expr(item))  # whether something is there, and of which type


def _is_between(condition: moto.FuncBetween, item: Item | None) -> bool:
    low = _compare(operator.ge, condition.attr, condition.start, item)
    return low and _compare(operator.le, condition.attr, condition.end, item)


_RULES: Mapping[type, Callable[[Any, Item | None], bool]] = {
    moto.OpNot: lambda one, item: not _holds(one.lhs, item),
    moto.OpAnd: lambda one, item: _holds(one.lhs, item) and _holds(one.rhs, item),
    moto.OpOr: lambda one, item: _holds(one.lhs, item) or _holds(one.rhs, item),
    moto.OpEqual: lambda one, item: _equal(one.lhs, one.rhs, item),
    moto.OpNotEqual: lambda one, item: not _equal(one.lhs, one.rhs, item),
    moto.FuncBetween: _is_between,
    moto.FuncIn: lambda one, item: any(
        _equal(one.attr, wanted, item) for wanted in one.possible_values
    ),
    moto.FuncBeginsWith: lambda one, item: _begins(
        _typed(one.attr, item), _typed(one.substr, item)
    ),
    moto.FuncContains: lambda one, item: _contains(
        _typed(one.attr, item), _typed(one.operand, item)
    ),
}


def _typed(operand: Any, item: Item | None) -> Typed | None:  # noqa: ANN401 - of moto
    """Return what an operand is for an item; None: the item has no such attribute."""
    if isinstance(operand, moto.FuncSize):
        measured = _typed(operand.attr, item)
        # Numbers and truth values have none.
        sized = measured and measured[0] not in {"N", "BOOL", "NULL"}
        return ("N", Decimal(len(measured[1]))) if sized and measured else None
    if isinstance(operand, moto.AttributeValue):
        return _value(DynamoType({operand.type: operand.value}))
    found = item.attrs.get(operand.path[0]) if item else None
    for part in operand.path[1:]:
        found = found and found.child_attr(part)
    return found and _value(found)


def _value(value: DynamoType) -> Typed:
    match value.type, value.value:
        case ("N" | "B" | "S") as kind, held:
            return kind, _SCALARS[kind](held)
        case ("NS" | "BS" | "SS") as kind, held:
            return kind, {_SCALARS[kind[0]](one) for one in held}
        case "L", held:
            return "L", [_value(one) for one in held]
        case "M", held:
            return "M", {name: _value(one) for name, one in held.items()}
        case kind, held:
            return kind, held


def _octets(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else b64decode(value)


_SCALARS: Mapping[str, Callable[[Any], Any]] = {"N": Decimal, "B": _octets, "S": str}


def _equal(left: Any, right: Any, item: Item | None) -> bool:  # noqa: ANN401 - of moto
    one = _typed(left, item)
    return one is not None and one == _typed(right, item)


def _compare(
    compare: Callable[[Any, Any], bool],
    left: Any,  # noqa: ANN401 - of moto
    right: Any,  # noqa: ANN401 - of moto
    item: Item | None,
) -> bool:
    one, other = _typed(left, item), _typed(right, item)
    if one is None or other is None or one[0] != other[0]:
        return False
    return one[0] in _WITH_AN_ORDER and compare(one[1], other[1])


def _begins(whole: Typed | None, start: Typed | None) -> bool:
    if whole is None or start is None or whole[0] != start[0]:
        return False
    return whole[0] in {"S", "B"} and whole[1].startswith(start[1])


def _contains(whole: Typed | None, part: Typed | None) -> bool:
    if whole is None or part is None:
        return False
    kind, held = whole
    if kind == "L":
        return part in held
    can_hold = kind in {"S", "B", "SS", "NS", "BS"} and part[0] == kind[0]
    return can_hold and part[1] in held
