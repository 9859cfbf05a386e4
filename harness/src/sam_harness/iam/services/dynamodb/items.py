"""DynamoDB's work on items: single, by index, in batches and transactions.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
"""

import re
from collections.abc import Iterable
from itertools import chain

from sam_harness.iam.call import (
    Authorization,
    Call,
    MissingResource,
    Values,
    items,
    strings,
    values,
)

_TRANSACTED = {
    "ConditionCheck": "ConditionCheckItem",
    "Delete": "DeleteItem",
    "Get": "GetItem",
    "Put": "PutItem",
    "Update": "UpdateItem",
}
ENCLOSED = ("dynamodb:EnclosingOperation",)
# Keys that a call which reads, or a part of a transaction, does not have.
_NOT_SAID = (
    *ENCLOSED,
    "dynamodb:ReturnConsumedCapacity",
    "dynamodb:ReturnValues",
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
_EQUALITY = re.compile(r"(?<![\w#:.-])(#?\w+)\s*=\s*(:\w+)")


def table_arn(call: Call, name: str) -> str:
    """Write a table's ARN; the name may be one already."""
    return name if name.startswith("arn:") else call.arn(f"table/{name}")


def _table(call: Call, request: Values) -> str:
    name = request.get("TableName")
    if not isinstance(name, str) or not name:
        raise MissingResource(f"dynamodb:{call.operation} without TableName")
    return name


def keys(**found: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Build a context of DynamoDB's keys."""
    return {f"dynamodb:{key}": tuple(values_) for key, values_ in found.items()}


def _select(request: Values, default: str) -> str:
    if request.get("ProjectionExpression") or request.get("AttributesToGet"):
        default = "SPECIFIC_ATTRIBUTES"
    return str(request.get("Select") or default)


def _item(
    call: Call, action: str, request: Values, **more: Iterable[str]
) -> Authorization:
    """Authorise work on the one item that Key or Item names."""
    arn = table_arn(call, _table(call, request))
    item = values(request.get("Key")) or values(request.get("Item"))
    context = keys(
        LeadingKeys=key_values(item, call.lookup(arn)),
        Attributes=attribute_names(request),
        **more,
    )
    if action == "GetItem":
        context |= keys(Select=[_select(request, "ALL_ATTRIBUTES")])
    return Authorization(f"dynamodb:{action}", arn, context, absent=_NOT_SAID)


def one_item(call: Call) -> Iterable[Authorization]:
    """Need the action of an operation on one item."""
    return (_item(call, call.operation, call.parameters),)


def read_many(call: Call) -> Iterable[Authorization]:
    """Need Query or Scan; of an index, the index's ARN is the resource."""
    request = call.parameters
    arn, index = table_arn(call, _table(call, request)), request.get("IndexName")
    arn += f"/index/{index}" if index else ""
    context = keys(
        Attributes=attribute_names(request),
        Select=[
            _select(request, "ALL_PROJECTED_ATTRIBUTES" if index else "ALL_ATTRIBUTES")
        ],
    )
    if call.operation == "Query":
        context |= keys(LeadingKeys=queried_values(request, call.lookup(arn)))
    action = f"dynamodb:{call.operation}"
    return (Authorization(action, arn, context, absent=_NOT_SAID),)


def batch_get(call: Call) -> Iterable[Authorization]:
    """Need BatchGetItem on every table named."""
    for table, wanted in values(call.parameters.get("RequestItems")).items():
        request = values(wanted)
        wanted_keys = [values(key) for key in items(request.get("Keys"))]
        yield _batch(
            call, table, wanted_keys, request, _select(request, "ALL_ATTRIBUTES")
        )


def batch_write(call: Call) -> Iterable[Authorization]:
    """Need BatchWriteItem on every table named."""
    for table, writes in values(call.parameters.get("RequestItems")).items():
        written = [
            values(values(request).get("Key")) or values(values(request).get("Item"))
            for write in items(writes)
            for request in values(write).values()
        ]
        yield _batch(call, table, written, {}, None)


def _batch(
    call: Call, table: str, keyed: list[Values], request: Values, select: str | None
) -> Authorization:
    arn = table_arn(call, table)
    partition_key = call.lookup(arn)
    leading = chain.from_iterable(key_values(one, partition_key) for one in keyed)
    named = chain(attribute_names(request), *keyed)
    context = keys(
        LeadingKeys=leading,
        Attributes=dict.fromkeys(named),
        Select=[select] if select else [],
    )
    return Authorization(f"dynamodb:{call.operation}", arn, context)


def transact(call: Call) -> Iterable[Authorization]:
    """Need, for each part of a transaction, the action that it stands for."""
    for part in items(call.parameters.get("TransactItems")):
        for kind, request in values(part).items():
            if kind not in _TRANSACTED:
                raise MissingResource(f"dynamodb:{call.operation}: unknown {kind}")
            yield _item(
                call,
                _TRANSACTED[kind],
                values(request),
                EnclosingOperation=[call.operation],
            )


def attribute_names(request: Values) -> tuple[str, ...]:
    """List the top-level attributes a request names, each once."""
    aliases = values(request.get("ExpressionAttributeNames"))
    names: dict[str, None] = dict.fromkeys(strings(request.get("AttributesToGet")))
    for parameter in _MAPS:
        names |= dict.fromkeys(values(request.get(parameter)))
    # Expressions are read only as far as condition keys need them.
    for parameter, written in request.items():
        found = _NAME.findall(str(written)) if parameter.endswith("Expression") else ()
        for name in found:
            if name.lower() not in _WORDS:
                names[str(aliases.get(name, name))] = None
    return tuple(names)


def scalars(attributes: Iterable[object]) -> tuple[str, ...]:
    """Return the texts of those values that are a string, a number or binary."""
    return tuple(
        value.decode("latin-1") if isinstance(value, bytes) else str(value)
        for attribute in attributes
        for kind, value in values(attribute).items()
        if kind in {"S", "N", "B"}
    )


def key_values(item: Values, partition_key: str | None) -> tuple[str, ...]:
    """Return the partition key's value; when its name is unknown, every value.

    Too many values can only deny more under the usual ForAllValues.
    """
    if partition_key is not None:
        return scalars([item.get(partition_key)])
    return scalars(item.values())


def queried_values(request: Values, partition_key: str | None) -> tuple[str, ...]:
    """Return every value that a Query compares its partition key with.

    Of whatever attribute, when the key's name is unknown.

    Raises:
        MissingResource: its conditions compare it with none that can be read.
    """
    aliases = values(request.get("ExpressionAttributeNames"))
    bound = values(request.get("ExpressionAttributeValues"))
    written = request.get("KeyConditionExpression")
    older = values(request.get("KeyConditions"))
    compared = [
        (str(aliases.get(name, name)), bound.get(value))
        for name, value in _EQUALITY.findall(str(written or ""))
    ] + [
        (name, value)
        for name, condition in older.items()
        for value in items(values(condition).get("AttributeValueList"))
    ]
    found = scalars(
        [value for name, value in compared if partition_key in {None, name}]
    )
    if not found and (written or older):
        raise MissingResource("dynamodb:Query: the partition key's value is not read")
    return found
