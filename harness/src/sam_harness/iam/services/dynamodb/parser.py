"""Reads DynamoDB's PartiQL; what is not documented there is not read.

Comments and Ion literals are refused: what runs a statement might read them otherwise.
"""

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NoReturn

from sam_harness.iam.call import MissingResource
from sam_harness.iam.services.dynamodb.statement import (
    Change,
    Expression,
    Literal,
    Operation,
    Path,
    Statement,
    Value,
)


class UnreadableStatement(MissingResource):
    """Not a statement of DynamoDB's PartiQL; the message says where."""


_TOKEN = re.compile(
    r"""\s*(?:(?P<STRING>'(?:[^']|'')*')|(?P<QUOTED>"(?:[^"]|"")+")
    |(?P<NUMBER>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)(?![\w.])
    |(?P<WORD>[A-Za-z_]\w*)
    |(?P<SIGN>--|/\*|<<|>>|<>|!=|<=|>=|\|\||[<>=()\[\]{},:.?*+-])|(?P<END>\Z))""",
    re.VERBOSE | re.ASCII,
)
_RESERVED = re.compile(
    "and|asc|between|by|delete|desc|from|in|insert|into|is|missing|not|or|order|remove"
    "|returning|select|set|update|where|true|false|null"
)
_CONSTANTS: Mapping[str, Value] = {
    "true": {"BOOL": True},
    "false": {"BOOL": False},
    "null": {"NULL": True},
}


def parse(text: str, parameters: Sequence[Value] = ()) -> Statement:
    """Read a statement, with one parameter for each ``?`` in it.

    Raises:
        UnreadableStatement: it is none that DynamoDB takes, or not the parameters.
    """
    try:
        return _Reader(text, parameters).statement()
    except RecursionError:
        raise UnreadableStatement("PartiQL: nested too deeply") from None


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    """Yield kind and text; a sign and a reserved word are a kind of their own."""
    place, kind = 0, ""
    while kind != "END":
        found = _TOKEN.match(text, place)
        if not found:
            raise UnreadableStatement(
                f"PartiQL cannot be read from {text[place:]!r} on"
            )
        kind, place = str(found.lastgroup), found.end()
        written = found[kind]
        lowered = written.lower()
        if kind == "SIGN" or (kind == "WORD" and _RESERVED.fullmatch(lowered)):
            kind = lowered
        yield kind, written


class _Reader:
    """Reads from left to right; each method reads what it is named after."""

    def __init__(self, text: str, parameters: Sequence[Value]) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0
        self._parameters = list(parameters)

    def _fail(self, wanted: str) -> NoReturn:
        rest = " ".join(text for _, text in self._tokens[self._at :])
        raise UnreadableStatement(f"PartiQL: {wanted} wanted, not {rest or 'the end'}")

    def _take(self, *kinds: str) -> str | None:
        """Take the next token if it is one of these kinds, or words in lower case."""
        kind, text = self._tokens[self._at]
        if kind not in kinds and (kind != "WORD" or text.lower() not in kinds):
            return None
        self._at += 1
        return text

    def _need(self, *kinds: str) -> str:
        taken = self._take(*kinds)
        return self._fail(" or ".join(kinds).upper()) if taken is None else taken

    def _each[T](self, read: Callable[[], T], closing: str = "") -> tuple[T, ...]:
        """Read what commas separate; up to a ``closing`` sign there may be nothing."""
        if closing and self._take(closing):
            return ()
        found = [read()]
        while self._take(","):
            found.append(read())
        if closing:
            self._need(closing)
        return tuple(found)

    def statement(self) -> Statement:
        if self._take("exists"):
            self._need("(")
            self._need("select")
            read = replace(self._select(), exists=True)
            self._need(")")
        else:
            verbs = {
                "select": self._select,
                "insert": self._insert,
                "update": self._update,
                "delete": self._delete,
            }
            read = verbs[self._need(*verbs).lower()]()
        self._need("END")
        if self._parameters:
            raise UnreadableStatement("PartiQL: more parameters than question marks")
        return read

    def _select(self) -> Statement:
        projection = () if self._take("*") else self._each(self._sum)
        self._need("from")
        table, index = self._name(), self._name() if self._take(".") else None
        where = self._where()
        order: tuple[tuple[Path, bool], ...] = ()
        if self._take("order"):
            self._need("by")
            order = self._each(self._ordered)
        return Statement("SELECT", table, index, projection, where, order)

    def _ordered(self) -> tuple[Path, bool]:
        path = self._path()
        return path, (self._take("asc", "desc") or "").lower() == "desc"

    def _insert(self) -> Statement:
        self._need("into")
        table = self._name()
        self._need("value")
        self._need("{")
        return Statement("INSERT", table, item=self._document())

    def _update(self) -> Statement:
        table = self._name()
        changes: list[Change] = []
        while verb := self._take("set", "remove"):
            sets = verb.lower() == "set"
            changes += self._each(self._assignment if sets else self._removal)
        if not changes:
            self._fail("SET or REMOVE")
        return self._on_item(Statement("UPDATE", table, changes=tuple(changes)))

    def _assignment(self) -> Change:
        path = self._path()
        self._need("=")
        return path, self._sum()

    def _removal(self) -> Change:
        return self._path(), None

    def _delete(self) -> Statement:
        self._need("from")
        return self._on_item(Statement("DELETE", self._name()))

    def _on_item(self, begun: Statement) -> Statement:
        where, returning = self._where(), None
        if self._take("returning"):
            returning = f"{self._need('all', 'modified')}_{self._need('old', 'new')}"
            returning = returning.upper()
            self._need("*")
        return replace(begun, where=where, returning=returning)

    def _where(self) -> Expression | None:
        return self._or() if self._take("where") else None

    # What binds less tightly calls what binds more.

    def _or(self) -> Expression:
        return self._chain(self._and, "or")

    def _and(self) -> Expression:
        return self._chain(self._not, "and")

    def _chain(self, inner: Callable[[], Expression], *names: str) -> Expression:
        left = inner()
        while name := self._take(*names):
            left = Operation(name.lower(), (left, inner()))
        return left

    def _not(self) -> Expression:
        if self._take("not"):
            return Operation("not", (self._not(),))
        return self._comparison()

    def _comparison(self) -> Expression:
        left = self._sum()
        if name := self._take("=", "<>", "!=", "<=", ">=", "<", ">"):
            return Operation("<>" if name == "!=" else name, (left, self._sum()))
        is_ = self._take("is")
        negated = self._take("not")
        if is_:
            word = self._need("missing", "null", "WORD").lower()
            found = Operation("is", (left, Literal({"S": word})))
        elif self._take("between"):
            low = self._sum()
            self._need("and")
            found = Operation("between", (left, low, self._sum()))
        elif self._take("in"):
            closing = {"[": "]", "(": ")"}[self._need("[", "(")]
            found = Operation("in", (left, *self._each(self._sum)))
            self._need(closing)
        else:
            return self._fail("BETWEEN or IN") if negated else left
        return Operation("not", (found,)) if negated else found

    def _sum(self) -> Expression:
        return self._chain(self._operand, "+", "-", "||")

    def _operand(self) -> Expression:
        if self._take("("):
            inner = self._or()
            self._need(")")
            return inner
        kind, text = self._tokens[self._at]
        if kind == "WORD" and self._tokens[self._at + 1][0] == "(":
            self._at += 2
            return Operation(text.lower(), self._each(self._or, ")"))
        return self._path() if kind in {"WORD", "QUOTED"} else Literal(self._value())

    def _name(self) -> str:
        written = self._need("QUOTED", "WORD")
        name = _unquoted(written) if written.startswith('"') else written
        return sys.intern(name)  # an item may keep it

    def _path(self) -> Path:
        parts: list[str | int] = [self._name()]
        while sign := self._take(".", "["):
            if sign == ".":
                parts.append(self._name())
            else:
                written = self._need("NUMBER")
                parts.append(int(written) if written.isdigit() else self._fail("INDEX"))
                self._need("]")
        return Path(tuple(parts))

    def _value(self) -> Value:
        kind, text = self._tokens[self._at]
        self._at += 1
        readers: Mapping[str, Callable[[], Value]] = {
            "STRING": lambda: {"S": _unquoted(text)},
            "NUMBER": lambda: {"N": text},
            "-": lambda: {"N": "-" + self._need("NUMBER")},
            "?": self._parameter,
            "[": lambda: {"L": list(self._each(self._value, "]"))},
            "{": lambda: {"M": self._document()},
            "<<": self._set,
        }
        if read := readers.get(kind):
            return read()
        if constant := _CONSTANTS.get(kind):
            return constant
        self._at -= 1
        return self._fail("a value")

    def _parameter(self) -> Value:
        if not self._parameters:
            raise UnreadableStatement("PartiQL: fewer parameters than question marks")
        return self._parameters.pop(0)

    def _document(self) -> Value:
        entries = self._each(self._entry, "}")
        document = dict(entries)
        if len(document) < len(entries):
            raise UnreadableStatement("PartiQL: a document has a name twice")
        return document

    def _entry(self) -> tuple[str, Value]:
        name = _unquoted(self._need("STRING"))
        self._need(":")
        return name, self._value()

    def _set(self) -> Value:
        pairs = [pair for one in self._each(self._value, ">>") for pair in one.items()]
        kinds = {kind for kind, _ in pairs}
        if len(kinds) != 1 or not kinds <= {"S", "N", "B"}:
            raise UnreadableStatement("PartiQL: a set has values of one scalar type")
        return {f"{kinds.pop()}S": [value for _, value in pairs]}


def _unquoted(written: str) -> str:
    quote = written[0]
    return written[1:-1].replace(quote * 2, quote)
