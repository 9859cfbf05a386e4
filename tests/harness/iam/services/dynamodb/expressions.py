"""DynamoDB's expressions, read only as far as condition keys need them."""

import re
from collections.abc import Iterable

from harness.iam.mapping.call import Values, items, strings, values

_EXPRESSIONS = (
    "ConditionExpression",
    "FilterExpression",
    "KeyConditionExpression",
    "ProjectionExpression",
    "UpdateExpression",
)
# Maps by attribute name, of an item, its key and the older conditional parameters.
_MAPS = (
    "AttributeUpdates",
    "Expected",
    "Item",
    "Key",
    "KeyConditions",
    "QueryFilter",
    "ScanFilter",
)
_WORDS = {"add", "and", "between", "delete", "in", "not", "or", "remove", "set"}
# A top-level name: not a value (:v), not the rest of a path (.b), not a function.
_NAME = re.compile(r"(?<![\w#:.])(#\w+|[A-Za-z_][\w-]*)(?!\s*\(|[\w-])")
_EQUALITY = re.compile(r"(#?\w+)\s*=\s*(:\w+)")


def attribute_names(request: Values) -> tuple[str, ...]:
    """List the top-level attributes a request names, each once."""
    aliases = values(request.get("ExpressionAttributeNames"))
    names: dict[str, None] = dict.fromkeys(strings(request.get("AttributesToGet")))
    for parameter in _MAPS:
        names |= dict.fromkeys(values(request.get(parameter)))
    for parameter in _EXPRESSIONS:
        for name in _NAME.findall(str(request.get(parameter) or "")):
            if name.lower() not in _WORDS:
                names[str(aliases.get(name, name))] = None
    return tuple(names)


def scalar(attribute: object) -> str | None:
    """Return the text of a string, number or binary attribute value."""
    for kind, value in values(attribute).items():
        if kind in {"S", "N", "B"}:
            return value.decode("latin-1") if isinstance(value, bytes) else str(value)
    return None


def scalars(attributes: Iterable[object]) -> tuple[str, ...]:
    """Return the texts of those attribute values that have one."""
    return tuple(text for text in map(scalar, attributes) if text is not None)


def key_values(item: Values, partition_key: str | None) -> tuple[str, ...]:
    """Return the partition key's value; when its name is unknown, every value.

    Too many values can only deny more under the usual ForAllValues.
    """
    if partition_key is not None:
        return scalars([item.get(partition_key)])
    return scalars(item.values())


def queried_values(request: Values, partition_key: str | None) -> tuple[str, ...]:
    """Return the values a Query compares its partition key with."""
    found = {}
    aliases = values(request.get("ExpressionAttributeNames"))
    bound = values(request.get("ExpressionAttributeValues"))
    written = str(request.get("KeyConditionExpression") or "")
    for name, value in _EQUALITY.findall(written):
        found[str(aliases.get(name, name))] = bound.get(value)
    for name, condition in values(request.get("KeyConditions")).items():
        listed = items(values(condition).get("AttributeValueList"))
        found[name] = listed[0] if listed else None
    return key_values(found, partition_key)
