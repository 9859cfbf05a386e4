"""What DynamoDB refuses of a Query or a Scan. Imports nothing foreign.

Every refusal is a ValueError with AWS's message, as in `requests`.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from itertools import combinations
from operator import eq
from typing import Any

type Values = Mapping[str, Any]

# Name, value, and the other value of BETWEEN.
_TEST = re.compile(
    r"(#\w+|[A-Za-z_]\w*)\s*(?:[<>]?=|<|>|\bBETWEEN\b|,)\s*(:\w+)(?:\s+AND\s+(:\w+))?",
    re.IGNORECASE,
)
_NO_OPERATOR = re.compile(r"<>|(?<![\w#:.])(?:IN|OR|NOT)(?!\w)", re.IGNORECASE)
_BEGINS = re.compile(r"begins_with\s*\(", re.IGNORECASE)
# A name that begins a path: no function, nor what follows a dot.
_NAME = re.compile(r"(?<![\w.:#])(#\w+|[A-Za-z_]\w*)(?!\w|\s*\()")
# Begins a path, of names or their placeholders.
_FIRST = re.compile(r"(?:^|,)\s*(#?\w+)")
_STEP = re.compile(r"\[\d+]|[^\s.\[\]]+")


def check(operation: str, request: Values, table: Values) -> None:
    """Check a Query or a Scan of a table, as `requests` tells it."""
    wanted = request.get("IndexName")
    read = [one for one in table["Indexes"] if one["IndexName"] == wanted] or [table]
    if wanted and read == [table]:
        raise ValueError(f"The table does not have the specified index: {wanted}")
    keys, start = keys_of(read[0]), request.get("ExclusiveStartKey")
    types = types_of(table)
    if start is not None and not fits(start, {*keys, *keys_of(table)}, types):
        raise ValueError("The provided starting key is invalid")
    _check_projection(request, read[0], {*keys, *keys_of(table)})
    if operation == "Scan":
        return
    check_conditions(request, {name: types[name] for name in keys})
    names = request.get("ExpressionAttributeNames") or {}
    for found in _NAME.findall(request.get("FilterExpression") or ""):
        if (name := names.get(found, found)) in keys:
            raise ValueError(
                "Filter Expression can only contain non-primary key attributes: "
                f"Primary key attribute: {name}"
            )


def check_paths(request: Values) -> None:
    """Check that nothing that is to be returned is a part of something else."""
    names = request.get("ExpressionAttributeNames") or {}
    told = str(request.get("ProjectionExpression") or "").split(",")
    steps = filter(None, map(_STEP.findall, told))
    paths = [[names.get(step, step) for step in path] for path in steps]
    for one, other in combinations(paths, 2):
        if all(map(eq, one, other)):
            raise ValueError(
                "Invalid ProjectionExpression: Two document paths overlap with each "
                "other; must remove or rewrite one of these paths"
            )


def check_legacy(request: Values) -> None:
    """Moto stops after so many matches, not items; of several filters it takes any.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LegacyConditionalParameters.html
    """
    narrowed = "Limit" in request or request.get("ConditionalOperator") == "OR"
    if request.get("QueryFilter") or (request.get("ScanFilter") and narrowed):
        raise ValueError(
            "sam-harness does not emulate QueryFilter, nor ScanFilter with Limit or"
            " OR: use FilterExpression"
        )


def check_conditions(request: Values, types: Mapping[str, str]) -> None:
    """Check a query's key conditions against the types of a table's attributes.

    moto finds nothing, or fails, where a value has another type than the key.
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html
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


def _check_projection(request: Values, index: Values, keys: set[str]) -> None:
    """Check what is read of an index; ``keys`` are the names of its and its table's.

    A global index has no more. A local one fetches it from its table, which moto does
    not: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LSI.html
    """
    projection = index.get("Projection") or {}
    if projection.get("ProjectionType", "ALL") == "ALL":
        return
    name = index["IndexName"]
    names = request.get("ExpressionAttributeNames") or {}
    asked = _FIRST.findall(request.get("ProjectionExpression") or "")
    wanted = {names.get(one, one) for one in asked} | {
        *(request.get("AttributesToGet") or ())
    }
    lacking = sorted(wanted - keys - {*(projection.get("NonKeyAttributes") or ())})
    everything = request.get("Select") == "ALL_ATTRIBUTES"
    if index["IsLocal"] and (lacking or everything):
        what = "whole items" if everything else ", ".join(lacking)
        raise ValueError(
            f"The local secondary index {name} does not project {what}: DynamoDB would "
            "fetch that from its table, which the emulator cannot"
        )
    wrong = "One or more parameter values were invalid: "
    if everything:
        raise ValueError(
            f"{wrong}Select type ALL_ATTRIBUTES is not supported for global secondary "
            f"index {name} because its projection type is not ALL"
        )
    if lacking:
        raise ValueError(
            f"{wrong}Global secondary index {name} does not project "
            f"[{', '.join(lacking)}]"
        )


def keys_of(schema: Values) -> tuple[str, ...]:
    """Return the names of the keys of a table or an index."""
    return tuple(one["AttributeName"] for one in schema["KeySchema"])


def types_of(table: Values) -> dict[str, str]:
    """Return the types that a table defines, as S, by attribute."""
    defined = table["AttributeDefinitions"]
    return {one["AttributeName"]: one["AttributeType"] for one in defined}


def fits(key: Values, names: Any, types: Mapping[str, str]) -> bool:  # noqa: ANN401 - a set, or a tuple
    """Tell whether a key has these attributes, of their types, and no others."""
    wanted = {name: types[name] for name in names}
    return {name: next(iter(value), "") for name, value in key.items()} == wanted
