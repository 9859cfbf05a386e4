"""What DynamoDB refuses of an item's values, whatever its table.

Imports nothing foreign.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
"""

from collections.abc import Mapping
from typing import Any

type Values = Mapping[str, Any]

_DEEPEST = 32


def check(request: Values) -> None:
    """Check the values that a single request puts, or compares with.

    Raises:
        ValueError: DynamoDB refuses one.

    """
    item = request.get("Item") or {}
    if "" in item:
        raise ValueError(
            "One or more parameter values were invalid: An attribute has an empty name"
        )
    given = request.get("ExpressionAttributeValues") or {}
    for value in (*item.values(), *given.values()):
        _check(value, 0)


def _check(value: Values, depth: int) -> None:
    if len(value) != 1:
        said = "has more than one datatypes set" if value else "is empty"
        raise ValueError(
            f"Supplied AttributeValue {said}, must contain exactly one of the "
            "supported datatypes"
        )
    if depth > _DEEPEST:
        raise ValueError("Nesting Levels have exceeded supported limits")
    for inner in (*value.get("L", ()), *value.get("M", {}).values()):
        _check(inner, depth + 1)
