"""DynamoDB's work on items: single, by index, in batches and transactions.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
"""

from collections.abc import Iterable
from itertools import chain

from harness.iam.mapping.call import (
    Authorization,
    Call,
    MissingResource,
    Rule,
    Values,
    items,
    values,
)
from harness.iam.mapping.expressions import (
    attribute_names,
    key_values,
    queried_values,
)

_TRANSACTED = {
    "ConditionCheck": "ConditionCheckItem",
    "Delete": "DeleteItem",
    "Get": "GetItem",
    "Put": "PutItem",
    "Update": "UpdateItem",
}
_PASSED_ON = ("ReturnConsumedCapacity", "ReturnValues")


def table_arn(call: Call, name: str) -> str:
    """Write a table's ARN; the name may be one already."""
    if name.startswith("arn:"):
        return name
    return call.arn(f"table/{name}", "dynamodb")


def _table(call: Call, request: Values) -> str:
    name = request.get("TableName")
    if not isinstance(name, str) or not name:
        raise MissingResource(f"dynamodb:{call.operation} without TableName")
    return name


def table_name(table: str) -> str:
    """Return the name within an ARN, or the name itself."""
    return table.rsplit("table/", 1)[-1]


def keys(**found: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Build a context of DynamoDB's keys, without those that have no value."""
    filled = {f"dynamodb:{key}": tuple(values_) for key, values_ in found.items()}
    return {key: values_ for key, values_ in filled.items() if values_}


def _passed_on(request: Values) -> dict[str, tuple[str, ...]]:
    passed_on = {key: request.get(key) for key in _PASSED_ON}
    return {f"dynamodb:{key}": (str(one),) for key, one in passed_on.items() if one}


def _select(request: Values, default: str) -> str:
    if request.get("ProjectionExpression") or request.get("AttributesToGet"):
        default = "SPECIFIC_ATTRIBUTES"
    return str(request.get("Select") or default)


def _item(
    call: Call, action: str, request: Values, **more: Iterable[str]
) -> Authorization:
    """Authorise work on the one item that Key or Item names."""
    table = _table(call, request)
    partition_key = call.lookups.partition_key(table_name(table), None)
    item = values(request.get("Key")) or values(request.get("Item"))
    context = keys(
        LeadingKeys=key_values(item, partition_key),
        Attributes=attribute_names(request),
        **more,
    )
    if action == "GetItem":
        context |= keys(Select=[_select(request, "ALL_ATTRIBUTES")])
    return Authorization(
        f"dynamodb:{action}", table_arn(call, table), context | _passed_on(request)
    )


def one_item(action: str) -> Rule:
    """Make the rule of an operation on one item."""
    return lambda call: (_item(call, action, call.parameters),)


def read_many(call: Call) -> Iterable[Authorization]:
    """Need Query or Scan; of an index, the index's ARN is the resource."""
    request = call.parameters
    table, index = _table(call, request), request.get("IndexName")
    arn = table_arn(call, table)
    context = keys(
        Attributes=attribute_names(request),
        Select=[
            _select(request, "ALL_PROJECTED_ATTRIBUTES" if index else "ALL_ATTRIBUTES")
        ],
    )
    if call.operation == "Query":
        name = call.lookups.partition_key(
            table_name(table), str(index) if index else None
        )
        context |= keys(LeadingKeys=queried_values(request, name))
    resource = f"{arn}/index/{index}" if index else arn
    action = f"dynamodb:{call.operation}"
    return (Authorization(action, resource, context | _passed_on(request)),)


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
    partition_key = call.lookups.partition_key(table_name(table), None)
    leading = chain.from_iterable(key_values(one, partition_key) for one in keyed)
    named = chain(attribute_names(request), *keyed)
    context = keys(
        LeadingKeys=leading,
        Attributes=dict.fromkeys(named),
        Select=[select] if select else [],
    )
    context |= _passed_on(call.parameters)
    return Authorization(f"dynamodb:{call.operation}", table_arn(call, table), context)


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
