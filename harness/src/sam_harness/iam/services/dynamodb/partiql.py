"""DynamoDB's PartiQL: each statement has an action of its own.

Statements are read only as far as their authorisation needs it.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-iam.html
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sam_harness.iam.call import (
    Authorization,
    Call,
    MissingResource,
    Values,
    items,
    values,
)
from sam_harness.iam.services.dynamodb.items import keys, scalars, table_arn

_FLAGS = re.IGNORECASE | re.DOTALL
_TABLE = r'(?:"(?P<table>[^"]+)"(?:\s*\.\s*"(?P<index>[^"]+)")?|(?P<bare>[\w-]+))'
_FORMS = {
    "PartiQLSelect": re.compile(r"\s*select\b.*?\bfrom\s+" + _TABLE, _FLAGS),
    "PartiQLInsert": re.compile(r"\s*insert\s+into\s+" + _TABLE, _FLAGS),
    "PartiQLUpdate": re.compile(r"\s*update\s+" + _TABLE, _FLAGS),
    "PartiQLDelete": re.compile(r"\s*delete\s+from\s+" + _TABLE, _FLAGS),
}
# EXISTS reads inside a transaction, and is authorised as a read.
_EXISTS = re.compile(r"\s*exists\s*\(\s*(select\b.*)\)\s*", _FLAGS)
_STRING = re.compile(r"'(?:[^']|'')*'")
_OPERAND = r"(?P<value>'(?:[^']|'')*'|-?[\d.]+|\?)"
# Of a condition: name = value. Of a new item: 'name': value. Else a parameter.
_COMPARED = re.compile(r'(?:"(?P<name>[^"]+)"|(?P<bare>[\w-]+))\s*=\s*' + _OPERAND)
_ASSIGNED = re.compile(r"'(?P<name>[^']+)'(?P<bare>)\s*:\s*" + _OPERAND)
# What these join need not all hold, so no key is certain.
_UNCERTAIN = re.compile(r"\b(?:or|not|in)\b", re.IGNORECASE)


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
    parsed = _read(
        str(request.get("Statement") or ""), items(request.get("Parameters"))
    )
    arn = table_arn(call, parsed.table)
    arn += f"/index/{parsed.index}" if parsed.index else ""
    name = call.lookup(arn)
    leading = [
        value for attribute, value in parsed.compared if name in {None, attribute}
    ]
    reads = parsed.action == "PartiQLSelect"
    if not leading and not reads:
        raise MissingResource(f"dynamodb:{call.operation}: statement names no item")
    context = keys(LeadingKeys=leading, **more)
    if reads:
        context |= keys(FullTableScan=["false" if leading else "true"])
    return Authorization(f"dynamodb:{parsed.action}", arn, context)


@dataclass(frozen=True, slots=True)
class _Statement:
    """One statement; ``compared`` has attributes and the values they must have."""

    action: str
    table: str
    index: str | None
    compared: tuple[tuple[str, str], ...]


def _read(statement: str, parameters: Sequence[object]) -> _Statement:
    """Read a statement.

    Raises:
        MissingResource: it is none of SELECT, INSERT, UPDATE and DELETE.

    """
    if wrapped := _EXISTS.fullmatch(statement):
        statement = wrapped[1]
    for action, form in _FORMS.items():
        if found := form.match(statement):
            compared = tuple(_pairs(action, statement[found.end() :], parameters))
            table = found["table"] or found["bare"]
            return _Statement(action, table, found["index"], compared)
    raise MissingResource("a PartiQL statement that names no table")


def _pairs(
    action: str, rest: str, parameters: Sequence[object]
) -> Iterator[tuple[str, str]]:
    inserts = action == "PartiQLInsert"
    where = re.search(r"\bwhere\b", rest, re.IGNORECASE)
    start = 0 if inserts else where.end() if where else len(rest)
    if not inserts and _UNCERTAIN.search(_STRING.sub("", rest[start:])):
        return
    for pair in (_ASSIGNED if inserts else _COMPARED).finditer(rest, start):
        name, value = pair["name"] or pair["bare"], pair["value"]
        if value == "?":
            position = _STRING.sub("", rest[: pair.end()]).count("?") - 1
            for bound in scalars(parameters[position : position + 1]):
                yield name, bound
        else:
            yield name, value.strip("'").replace("''", "'")
