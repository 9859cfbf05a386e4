"""A statement of DynamoDB's PartiQL as a tree; `parser` makes it of a text.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.html
Values are DynamoDB's own, as ``{"S": "text"}``.
"""

from collections.abc import Mapping
from dataclasses import dataclass

type Value = Mapping[str, object]
type Expression = Path | Literal | Operation
# A path, and what it is set to; None: it is removed.
type Change = tuple[Path, Expression | None]


@dataclass(frozen=True, slots=True)
class Path:
    """An attribute, and the way into it: names and positions in lists."""

    parts: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Literal:
    """A value, or a parameter's."""

    value: Value


@dataclass(frozen=True, slots=True)
class Operation:
    """An operator or function in lower case, such as ``and``, ``in``, ``begins_with``.

    ``in`` has all values after its first operand, ``between`` both bounds, ``is`` the
    word that follows it as a string. ``a NOT IN b`` is a ``not`` of an ``in``.
    """

    name: str
    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement.

    ``verb``: SELECT, INSERT, UPDATE or DELETE. ``projection`` is empty for ``*``.
    ``order``: paths, each with whether it descends. ``item``: the new one.
    ``returning`` as ReturnValues has it (ALL_OLD, MODIFIED_NEW, ...). ``exists``: the
    SELECT is a condition of a transaction.
    """

    verb: str
    table: str
    index: str | None = None
    projection: tuple[Expression, ...] = ()
    where: Expression | None = None
    order: tuple[tuple[Path, bool], ...] = ()
    item: Value | None = None
    changes: tuple[Change, ...] = ()
    returning: str | None = None
    exists: bool = False
