"""What DynamoDB refuses in a KeyConditionExpression.

moto finds nothing, or fails, where a value has another type than the key. Imports
nothing foreign; every refusal is a ValueError with AWS's message.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

# Name, value, and the other value of BETWEEN.
_TEST = re.compile(
    r"(#\w+|[A-Za-z_]\w*)\s*(?:[<>]?=|<|>|\bBETWEEN\b|,)\s*(:\w+)(?:\s+AND\s+(:\w+))?",
    re.IGNORECASE,
)
_NO_OPERATOR = re.compile(r"<>|(?<![\w#:.])(?:IN|OR|NOT)(?!\w)", re.IGNORECASE)
_BEGINS = re.compile(r"begins_with\s*\(", re.IGNORECASE)


def check(request: Mapping[str, Any], types: Mapping[str, str]) -> None:
    """Check a query against the types of a table's attributes.

    Raises:
        ValueError: DynamoDB refuses it.

    """
    said = request.get("KeyConditionExpression") or ""
    values = request.get("ExpressionAttributeValues") or {}
    names = request.get("ExpressionAttributeNames") or {}
    if found := _NO_OPERATOR.search(said):
        raise ValueError(
            f"Invalid operator used in KeyConditionExpression: {found[0].upper()}"
        )
    seen = set()
    for found_name, *used in _TEST.findall(said):
        name = names.get(found_name, found_name)
        if name in seen:
            raise ValueError(
                "KeyConditionExpressions must only contain one condition per key"
            )
        seen.add(name)
        given = [values[one] for one in used if one in values]
        kind = types.get(name)
        if kind and any(kind not in one for one in given):
            raise ValueError(
                "One or more parameter values were invalid: Condition parameter type "
                "does not match schema type"
            )
        if len(given) > 1 and _comparable(given[0]) > _comparable(given[1]):
            raise ValueError(
                "Invalid KeyConditionExpression: The BETWEEN operator requires upper "
                "bound to be greater than or equal to lower bound"
            )
    for begun in _BEGINS.finditer(said):
        value = values.get(said[begun.end() :].partition(",")[2].strip(" )"), {})
        if "N" in value:
            raise ValueError(
                "Invalid KeyConditionExpression: Incorrect operand type for operator "
                "or function; operator or function: begins_with, operand type: N"
            )


def _comparable(value: Mapping[str, Any]) -> Any:  # noqa: ANN401 - of the value's type
    """Return what DynamoDB orders by: a number, or a text's bytes."""
    (kind, held), *_ = value.items()
    if kind == "N":
        return Decimal(held)
    return held.encode() if kind == "S" else held
