"""DynamoDB's PartiQL: each statement has an action of its own.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-iam.html
"""

from collections.abc import Iterable, Iterator
from itertools import chain

from sam_harness.iam.call import (
    Authorization,
    Call,
    MissingResource,
    Values,
    items,
    values,
)
from sam_harness.iam.services.dynamodb.items import (
    ENCLOSED,
    key_values,
    keys,
    scalars,
    table_arn,
)
from sam_harness.iam.services.dynamodb.parser import parse
from sam_harness.iam.services.dynamodb.statement import (
    Expression,
    Literal,
    Operation,
    Path,
    Statement,
)


def execute_statement(call: Call) -> Iterable[Authorization]:
    """Need the action of one PartiQL statement."""
    return (_statement(call, call.parameters),)


def batch_execute(call: Call) -> Iterable[Authorization]:
    """Need the action of each statement of a batch."""
    for statement in items(call.parameters.get("Statements")):
        yield _statement(call, values(statement))


def execute_transaction(call: Call) -> Iterable[Authorization]:
    """Need the action of each statement of a transaction."""
    for statement in items(call.parameters.get("TransactStatements")):
        yield _statement(call, values(statement), EnclosingOperation=[call.operation])


def _statement(call: Call, request: Values, **more: Iterable[str]) -> Authorization:
    bound = [values(one) for one in items(request.get("Parameters"))]
    read = parse(str(request.get("Statement") or ""), bound)
    arn = table_arn(call, read.table)
    arn += f"/index/{read.index}" if read.index else ""
    leading = leading_keys(read, call.lookup(arn))
    context = keys(LeadingKeys=leading or (), Attributes=_attributes(read), **more)
    if read.verb == "SELECT":
        select = "SPECIFIC_ATTRIBUTES" if read.projection else "ALL_ATTRIBUTES"
        scans = "true" if leading is None else "false"
        context |= keys(Select=[select], FullTableScan=[scans])
    elif not leading:
        raise MissingResource(f"dynamodb:{call.operation}: statement names no item")
    context |= keys(ReturnValues=[read.returning] if read.returning else [])
    action = f"dynamodb:PartiQL{read.verb.capitalize()}"
    return Authorization(action, arn, context, absent=ENCLOSED)


def leading_keys(statement: Statement, partition_key: str | None) -> list[str] | None:
    """Return the partition keys of all items that a statement can touch.

    None: it may touch any, as no ``=`` and no ``IN`` bounds the key. Without a known
    partition key each attribute may be it.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.select.html
    """
    if statement.item is not None:
        return list(key_values(statement.item, partition_key))
    return _bounds(statement.where, partition_key)


def _bounds(condition: Expression | None, key: str | None) -> list[str] | None:
    match condition:
        case Operation("and", (left, right)):
            both = [_bounds(left, key), _bounds(right, key)]
            certain = [one for one in both if one is not None]
            return list(chain(*certain)) if certain else None
        case Operation("or", (left, right)):
            first, second = _bounds(left, key), _bounds(right, key)
            return None if first is None or second is None else [*first, *second]
        case Operation("=", (Literal() as value, Path() as path)):
            return _bounds(Operation("=", (path, value)), key)
        case Operation("=" | "in", (Path((name,)), *compared)) if key in {None, name}:
            found = [_scalar(one) for one in compared]
            return None if None in found else [one for one in found if one is not None]
    return None


def _scalar(operand: Expression) -> str | None:
    found = scalars([operand.value]) if isinstance(operand, Literal) else ()
    return found[0] if found else None


def _attributes(statement: Statement) -> tuple[str, ...]:
    """Return the top-level attributes that a statement names, each once."""
    paths = [path for path, _ in (*statement.changes, *statement.order)]
    written = [one for _, one in statement.changes if one]
    whole = (*statement.projection, statement.where, *written, *paths)
    named = chain(statement.item or (), *(_names(one) for one in whole if one))
    return tuple(dict.fromkeys(named))


def _names(expression: Expression) -> Iterator[str]:
    if isinstance(expression, Path):
        yield str(expression.parts[0])
    elif isinstance(expression, Operation):
        for operand in expression.operands:
            yield from _names(operand)
