"""A PartiQL statement as the request of the plain API that it stands for.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.html
The gate decides about the same tree, so that no statement is decided as one thing and
executed as another. Imports nothing foreign; tables are as in `requests`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sam_harness.iam.services.dynamodb.statement import (
    Expression,
    Literal,
    Operation,
    Path,
    Statement,
    Value,
)

type Request = dict[str, Any]
type Table = Mapping[str, Any]
# An operation in snake case, and its parameters.
type Plain = tuple[str, Request]

_REVERSED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_COMPARATORS = {"=", "<>", *_REVERSED}
_FUNCTIONS = {"attribute_type", "begins_with", "contains", "size"}
_RANGES = {*_REVERSED, "between", "begins_with"}


@dataclass(slots=True)
class _Writer:
    """Writes expressions of the plain API; names and values get placeholders."""

    names: dict[str, str] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)

    def name(self, name: str) -> str:
        return self.names.setdefault(name, f"#n{len(self.names)}")

    def value(self, value: Value) -> str:
        placeholder = f":v{len(self.values)}"
        self.values[placeholder] = value
        return placeholder

    def all(self, conditions: list[Expression]) -> str:
        return " AND ".join(map(self.written, conditions))

    def written(self, one: Expression) -> str:
        """Write an operand or a condition.

        Raises:
            ValueError: the plain API has no such thing, or it has another meaning.
        """
        match one:
            case Path((str(first), *rest)):
                return self.name(first) + "".join(map(self._inner, rest))
            case Literal(value):
                return self.value(value)
            case Operation(name, operands) if name in _FUNCTIONS:
                return f"{name}({', '.join(map(self.written, operands))})"
            case Operation(name, operands):
                written = self._condition(name, operands)
                return f"({written})" if name in {"and", "or", "not"} else written
            case _:
                raise _unsupported(one)

    def _inner(self, part: str | int) -> str:
        return f"[{part}]" if isinstance(part, int) else f".{self.name(part)}"

    def _condition(self, name: str, operands: tuple[Expression, ...]) -> str:
        if name == "is":
            return self._is(*operands)
        first, *rest = map(self.written, operands)
        match name, rest:
            case "not", []:
                return f"NOT {first}"
            case "between", [low, high]:
                return f"{first} BETWEEN {low} AND {high}"
            case "in", [*wanted]:
                return f"{first} IN ({', '.join(wanted)})"
            case _, [second] if name in {"and", "or", *_COMPARATORS}:
                return f"{first} {name.upper()} {second}"
            case _:
                raise _unsupported(name)

    def _is(self, operand: Expression, word: Expression) -> str:
        if word == Literal({"S": "missing"}):
            return f"attribute_not_exists({self.written(operand)})"
        if word == Literal({"S": "null"}):
            null = self.value({"S": "NULL"})
            return f"attribute_type({self.written(operand)}, {null})"
        raise _unsupported(word)

    def assigned(self, one: Expression) -> str:
        """Write what SET gives an attribute."""
        match one:
            case Operation("+" | "-" as name, (left, right)):
                return f"{self.assigned(left)} {name} {self.assigned(right)}"
            case Operation("list_append" | "if_not_exists" as name, (left, right)):
                return f"{name}({self.assigned(left)}, {self.assigned(right)})"
            case Path() | Literal():
                return self.written(one)
            case _:
                raise _unsupported(one.name)

    def request(self, statement: Statement, **said: object) -> Request:
        names = {placeholder: name for name, placeholder in self.names.items()}
        said |= {"ExpressionAttributeNames": names}
        said |= {"ExpressionAttributeValues": self.values}
        given = {
            name: held for name, held in said.items() if held not in ("", {}, None)
        }
        return {"TableName": statement.table, **given}


def _unsupported(one: object) -> ValueError:
    """Return the refusal of what DynamoDB may take."""
    return ValueError(f"this emulator cannot execute PartiQL with {one} in this place")


def plain(statement: Statement, table: Table) -> Plain:
    """Return what to ask the plain API.

    Raises:
        ValueError: AWS refuses the statement, or it cannot be executed here.
    """
    of = {"SELECT": _select, "INSERT": _insert, "UPDATE": _update, "DELETE": _delete}
    return of[statement.verb](statement, table)


def key_of(statement: Statement, table: Table) -> tuple[Request, list[Expression]]:
    """Return the one item's key that WHERE demands, and what else it demands.

    Raises:
        ValueError: it does not demand each key attribute to be equal to a value.
    """
    wanted, key, rest = _schema(table), {}, []
    for one in _conjuncts(statement.where):
        match one:
            case Operation("=", (Path((str(name),)), Literal(value))) if (
                name in wanted and name not in key
            ):
                key[name] = value
            case _:
                rest.append(one)
    if len(key) < len(wanted):
        raise ValueError(
            "Where clause does not contain a mandatory equality on all key attributes"
        )
    return key, rest


def projection(statement: Statement) -> list[str]:
    """Return the attributes that a SELECT asks for; none: all of them.

    Raises:
        ValueError: it asks for more than top-level attributes.
    """
    return [_top(one) for one in statement.projection]


def _schema(table: Table, index: str | None = None) -> list[str]:
    known = {one["IndexName"]: one for one in table["Indexes"]}
    if index and index not in known:
        raise ValueError(f"The table does not have the specified index: {index}")
    keys = (known[index] if index else table)["KeySchema"]
    ordered = sorted(keys, key=lambda one: str(one["KeyType"]))
    return [str(one["AttributeName"]) for one in ordered]


def _top(one: Expression) -> str:
    match one:
        case Path((str(name),)):
            return name
        case _:
            raise _unsupported(one)


def _conjuncts(condition: Expression | None) -> Iterator[Expression]:
    """Yield what must hold all together; of two operands the path is the first."""
    match condition:
        case Operation("and", (left, right)):
            yield from _conjuncts(left)
            yield from _conjuncts(right)
        case Operation(name, (Literal() as value, Path() as path)) if (
            name in _COMPARATORS
        ):
            yield Operation(_REVERSED.get(name, name), (path, value))
        case Path() | Literal() | Operation():
            yield condition


def _select(statement: Statement, table: Table) -> Plain:
    writer, keys = _Writer(), _schema(table, statement.index)
    by_key: dict[str, Expression] = {}
    rest = []
    for one in _conjuncts(statement.where):
        match one:
            case Operation(name, (Path((str(key),)), Literal(), *_)) if (
                key in keys
                and key not in by_key
                and (name == "=" or (name in _RANGES and key != keys[0]))
            ):
                by_key[key] = one
            case _:
                rest.append(one)
    if keys[0] not in by_key:
        by_key, rest = {}, list(_conjuncts(statement.where))
    request: Request = {
        "IndexName": statement.index,
        "KeyConditionExpression": writer.all([by_key[k] for k in keys if k in by_key]),
        "FilterExpression": writer.all(rest),
    }
    if statement.order:
        request["ScanIndexForward"] = not _descends(statement, keys, by_key)
    return "query" if by_key else "scan", writer.request(statement, **request)


def _descends(statement: Statement, keys: list[str], by_key: Mapping[str, Any]) -> bool:
    ordered = {_top(path): descends for path, descends in statement.order}
    if not by_key:
        raise ValueError("ORDER BY needs a WHERE clause with the partition key")
    if unknown := ordered.keys() - set(keys):
        raise ValueError(f"ORDER BY: {unknown.pop()} is no part of the primary key")
    return ordered.get(keys[-1], False)


def _insert(statement: Statement, table: Table) -> Plain:
    writer, item = _Writer(), dict(statement.item or {})
    absent = f"attribute_not_exists({writer.name(_schema(table)[0])})"
    return "put_item", writer.request(statement, Item=item, ConditionExpression=absent)


def _update(statement: Statement, table: Table) -> Plain:
    key, rest = key_of(statement, table)
    writer, clauses = _Writer(), dict[str, list[str]]()
    for path, new in statement.changes:
        match new:
            case None:
                clauses.setdefault("REMOVE", []).append(writer.written(path))
            case Operation("set_add" | "set_delete" as name, (to, value)) if to == path:
                clause = name.removeprefix("set_").upper()
                change = f"{writer.written(path)} {writer.assigned(value)}"
                clauses.setdefault(clause, []).append(change)
            case _:
                change = f"{writer.written(path)} = {writer.assigned(new)}"
                clauses.setdefault("SET", []).append(change)
    there = f"attribute_exists({writer.name(_schema(table)[0])})"
    # What PartiQL calls MODIFIED_NEW is UPDATED_NEW here.
    returned = (statement.returning or "").replace("MODIFIED", "UPDATED")
    return "update_item", writer.request(
        statement,
        Key=key,
        UpdateExpression=" ".join(
            f"{one} {', '.join(to)}" for one, to in clauses.items()
        ),
        ConditionExpression=" AND ".join([there, *map(writer.written, rest)]),
        ReturnValues=returned,
    )


def _delete(statement: Statement, table: Table) -> Plain:
    key, rest = key_of(statement, table)
    if statement.returning not in {None, "ALL_OLD"}:
        raise ValueError("DELETE returns ALL OLD * only")
    writer, condition = _Writer(), ""
    if rest:  # with nothing to delete it succeeds, whatever else it demands
        absent = f"attribute_not_exists({writer.name(_schema(table)[0])})"
        condition = f"{absent} OR ({writer.all(rest)})"
    return "delete_item", writer.request(
        statement,
        Key=key,
        ConditionExpression=condition,
        ReturnValues=statement.returning,
    )
