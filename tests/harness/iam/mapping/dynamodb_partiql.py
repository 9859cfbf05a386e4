"""DynamoDB's PartiQL operations: each statement has an action of its own.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-iam.html
"""

from collections.abc import Iterable

from harness.iam.mapping import partiql
from harness.iam.mapping.call import (
    Authorization,
    Call,
    MissingResource,
    Values,
    items,
    values,
)
from harness.iam.mapping.dynamodb_items import keys, table_arn, table_name


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
    parsed = partiql.read(
        str(request.get("Statement") or ""), items(request.get("Parameters"))
    )
    arn = table_arn(call, parsed.table)
    name = call.lookups.partition_key(table_name(parsed.table), parsed.index)
    leading = [
        value for attribute, value in parsed.compared if name in {None, attribute}
    ]
    reads = parsed.action == "PartiQLSelect"
    if not leading and not reads:
        raise MissingResource(f"dynamodb:{call.operation}: statement names no item")
    context = keys(LeadingKeys=leading, **more)
    if reads:
        context |= keys(FullTableScan=["false" if leading else "true"])
    resource = f"{arn}/index/{parsed.index}" if parsed.index else arn
    return Authorization(f"dynamodb:{parsed.action}", resource, context)
