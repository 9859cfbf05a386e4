"""What DynamoDB refuses in a request, before it looks at an item.

Imports nothing foreign: requests are as boto3 sends them, tables as `described` tells
them. Every refusal is a ValueError with AWS's message; AWS calls it a
ValidationException.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
"""

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sam_harness.localstack.corrections.dynamodb import reading
from sam_harness.localstack.corrections.dynamodb.reading import fits, keys_of, types_of

type Values = Mapping[str, Any]
# Returns the table of a name or ARN; None: there is none, which moto says.
type Find = Callable[[str], Values | None]

# How many a request may have of all tables; of one, `constraints` knows.
_MOST = {"BatchWriteItem": 25, "BatchGetItem": 100}
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,9})?", re.ASCII)
_DIGITS, _EXPONENTS = 38, range(-130, 126)
_DEEPEST = 32
_STRANGE = re.compile(r"[^\w\s#:.,()\[\]<>=]")
_PLACEHOLDER = re.compile(r"[#:]\w+")


def normalised(value: Any) -> Any:  # noqa: ANN401 - any part of a request
    """Return a part of a request with its numbers as DynamoDB keeps them.

    Raises:
        ValueError: one is no number, or none that DynamoDB can keep.
    """
    match value:
        case {"N": str(number), **rest} if not rest:
            value = {"N": _number(number)}
        case {"NS": [str(), *_] as numbers, **rest} if not rest:
            value = {"NS": _unlike([_number(str(number)) for number in numbers])}
        case {"SS": [str(), *_] as texts, **rest} if not rest:
            value = {"SS": _unlike(texts)}
        case dict():
            value = {name: normalised(inner) for name, inner in value.items()}
        case list():
            value = [normalised(inner) for inner in value]
    return value


def expressed(request: Values) -> dict[str, Any]:
    """Return a request with AttributesToGet, which moto overlooks, as an expression.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LegacyConditionalParameters.AttributesToGet.html

    Raises:
        ValueError: it has expressions, too.
    """
    told = dict(request)
    if "RequestItems" in told:
        tables = told["RequestItems"].items()
        told["RequestItems"] = {
            table: expressed(of) if isinstance(of, Mapping) else of
            for table, of in tables
        }
    if wanted := told.pop("AttributesToGet", None):
        if others := sorted(name for name in told if name.endswith("Expression")):
            raise ValueError(
                "Can not use both expression and non-expression parameters in the same "
                "request: Non-expression parameters: {AttributesToGet} Expression "
                f"parameters: {{{', '.join(others)}}}"
            )
        names = {f"#n{number}": name for number, name in enumerate(wanted)}
        told["ProjectionExpression"] = ", ".join(names)
        told["ExpressionAttributeNames"] = names
    return told


def _unlike(members: list[str]) -> list[str]:
    if len(set(members)) < len(members):
        raise ValueError("Input collection contains duplicates")
    return members


@lru_cache
def _number(text: str) -> str:
    if not _NUMBER.fullmatch(text):
        raise ValueError(
            f"The parameter cannot be converted to a numeric value: {text}"
        )
    number = Decimal(text)
    significant = "".join(map(str, number.as_tuple().digits)).strip("0")
    if not significant:
        return "0"
    if len(significant) > _DIGITS:
        raise ValueError(
            "Attempting to store more than 38 significant digits in a Number"
        )
    if (magnitude := number.adjusted()) not in _EXPONENTS:
        flow, size = ("over", "larger") if magnitude > 0 else ("under", "smaller")
        raise ValueError(
            f"Number {flow}flow. Attempting to store a number with magnitude {size} "
            "than supported range"
        )
    exponent = magnitude - len(significant) + 1
    return f"{Decimal(f'{significant}e{exponent}').copy_sign(number):f}"


def described(table: Any) -> Values:  # noqa: ANN401 - moto's
    """Return a table's keys, and what its indexes have, much as DescribeTable."""
    return {
        "KeySchema": table.schema,
        "AttributeDefinitions": table.attr,
        "Indexes": [
            {
                "IndexName": one.name,
                "KeySchema": one.schema,
                "Projection": one.projection,
                "IsLocal": one in (table.indexes or ()),
            }
            for one in table.all_indexes()
        ],
    }


def check(operation: str, request: Values, find: Find) -> None:
    """Check the request of one operation."""
    _check_count(operation, request)
    if any(len(one) != 1 for one in request.get("TransactItems", ())):
        raise ValueError(
            "TransactItems can only contain one of Check, Put, Update or Delete"
        )
    if operation == "BatchWriteItem":
        _check_writes(request["RequestItems"], find)
    for each in _requests(request):
        _check_signs(each)
        _check_placeholders(each)
        reading.check_paths(each)
        _check_values(each)
        if table := find(str(each.get("TableName", ""))):
            check_keys(each, table)
            if operation in {"Query", "Scan"}:
                reading.check(operation, each, table)


def _check_count(operation: str, request: Values) -> None:
    lists = request.get("RequestItems", {}).values()
    told = sum(len(of["Keys"] if isinstance(of, Mapping) else of) for of in lists)
    if told > (most := _MOST.get(operation, told)):
        raise ValueError(
            "1 validation error detected: Value at 'requestItems' failed to satisfy "
            f"constraint: Member must have length less than or equal to {most}"
        )


def _check_writes(written: Values, find: Find) -> None:
    """Refuse two writes of one item, whose order DynamoDB does not promise."""
    for name, writes in written.items():
        keys = keys_of(table) if (table := find(name)) else ()
        given = [
            (write.get("PutRequest") or {}).get("Item")
            or (write.get("DeleteRequest") or {}).get("Key")
            or {}
            for write in writes
        ]
        written_to = [repr([one.get(key) for key in keys]) for one in given]
        if keys and len(set(written_to)) < len(written_to):
            raise ValueError("Provided list of item keys contains duplicates")


def _requests(request: Values) -> Iterator[Values]:
    """Yield the single requests that one is made of, each with its table."""
    if "TransactItems" in request:
        for item in request["TransactItems"]:
            yield from item.values()
    elif "RequestItems" in request:
        for table, of in request["RequestItems"].items():
            if "Keys" in of:
                yield {name: held for name, held in of.items() if name != "Keys"}
                yield from ({"TableName": table, "Key": key} for key in of["Keys"])
            else:
                writes = [one for write in of for one in write.values()]
                yield from ({"TableName": table} | one for one in writes)
    else:
        yield request


def _check_signs(request: Values) -> None:
    """Refuse names with signs, which need placeholders, and expressions without any."""
    for name, held in request.items():
        text = str(held) if name.endswith("Expression") else "none"
        if not text.strip():
            raise ValueError(f"Invalid {name}: The expression can not be empty;")
        allowed = "+-" if name == "UpdateExpression" else ""
        if strange := set(_STRANGE.findall(text)) - set(allowed):
            raise ValueError(f'Invalid {name}: Syntax error; token: "{min(strange)}"')


def _check_placeholders(request: Values) -> None:
    texts = [str(held) for name, held in request.items() if name.endswith("Expression")]
    used = set(_PLACEHOLDER.findall(" ".join(texts)))
    given: set[str] = set()
    for kind in ("Names", "Values"):
        said = request.get(f"ExpressionAttribute{kind}")
        given |= set(said or ())
        if said is not None and not texts:
            raise ValueError(
                f"ExpressionAttribute{kind} can only be specified when using "
                "expressions"
            )
        if unused := sorted(set(said or ()) - used):
            raise ValueError(
                f"Value provided in ExpressionAttribute{kind} unused in expressions: "
                f"keys: {{{', '.join(unused)}}}"
            )
    for name in sorted(used - given):
        kind = "name" if name[0] == "#" else "value"
        raise ValueError(
            f"An expression attribute {kind} used in expression is not defined; "
            f"attribute {kind}: {name}"
        )


def _check_values(request: Values) -> None:
    """Check the values that a single request puts, or compares with."""
    item = request.get("Item") or {}
    if "" in item:
        raise ValueError(
            "One or more parameter values were invalid: An attribute has an empty name"
        )
    given = request.get("ExpressionAttributeValues") or {}
    for value in (*item.values(), *given.values()):
        _check_value(value, 0)


def _check_value(value: Values, depth: int) -> None:
    if len(value) != 1:
        said = "has more than one datatypes set" if value else "is empty"
        raise ValueError(
            f"Supplied AttributeValue {said}, must contain exactly one of the "
            "supported datatypes"
        )
    if depth > _DEEPEST:
        raise ValueError("Nesting Levels have exceeded supported limits")
    for inner in (*value.get("L", ()), *value.get("M", {}).values()):
        _check_value(inner, depth + 1)


def check_keys(request: Values, table: Values) -> None:
    """Check the key, or the item, that a single request has."""
    types, keys = types_of(table), keys_of(table)
    if "Key" in request and not fits(request["Key"], keys, types):
        raise ValueError("The provided key element does not match the schema")
    given = request.get("Key") or request.get("Item") or {}
    for name in keys:
        if given.get(name) in ({"S": ""}, {"B": b""}):
            raise ValueError(
                "One or more parameter values are not valid. The AttributeValue for a "
                f"key attribute cannot contain an empty string value. Key: {name}"
            )
        if "Item" in request and types[name] not in given.get(name, ()):
            raise ValueError(
                "One or more parameter values were invalid: Missing the key "
                f"{name} in the item, or it is not of type {types[name]}"
            )
    for index in table["Indexes"]:
        for name in keys_of(index):
            for kind in (request.get("Item") or {}).get(name, ()):
                if kind != types[name]:
                    raise ValueError(
                        "One or more parameter values were invalid: Type mismatch for "
                        f"Index Key {name} Expected: {types[name]} Actual: {kind} "
                        f"IndexName: {index['IndexName']}"
                    )
