"""A PartiQL UPDATE as the UpdateItem that it stands for.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.update.html
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

type Value = dict[str, Any]
type Values = dict[str, Value]

_UPDATE = re.compile(
    r"""\s*update\s+(?:"(?P<quoted>[^"]+)"|(?P<bare>[\w.-]+))\s+
    (?P<changes>(?:set|remove)\b.*?)\s+where\s+(?P<where>.*?)\s*""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_TOKEN = re.compile(
    r"""(?P<text>'(?:[^']|'')*')|"(?P<quoted>[^"]+)"|(?P<parameter>\?)
    |(?P<number>-?\d+(?:\.\d+)?)|(?P<function>[A-Za-z_]+)(?=\s*\()
    |(?P<word>[A-Za-z_]\w*)|(?P<sign><>|[<>]=?|[=,().\[\]+-])""",
    re.VERBOSE,
)
_CLAUSES = ("SET", "REMOVE")
_WORDS = {"AND", "OR", "NOT", "BETWEEN", "IN"}


@dataclass(frozen=True, slots=True)
class Update:
    """The parameters of UpdateItem; ``condition`` also asks that the item exists."""

    table: str
    key: Values
    update: str
    condition: str
    names: dict[str, str]
    values: Values


def updated_table(statement: str) -> str | None:
    """Return the table of an UPDATE; None: it is no UPDATE, or has no WHERE."""
    found = _UPDATE.fullmatch(statement)
    return found and (found["quoted"] or found["bare"])


def translate(
    statement: str, parameters: Sequence[Value], key_names: Collection[str]
) -> Update:
    """Translate an UPDATE of the item whose key is made of ``key_names``.

    Raises:
        ValueError: it is none, or its WHERE does not demand one whole key.

    """
    found = _UPDATE.fullmatch(statement)
    if found is None:
        raise ValueError("not an UPDATE with a WHERE clause")
    expression = _Expression(iter(parameters))
    update = _clauses(expression.written(found["changes"]))
    conditions = [f"attribute_exists({expression.name(next(iter(key_names)))})"]
    key = {}
    for condition in re.split(r" AND ", " ".join(expression.written(found["where"]))):
        name, _, value = condition.partition(" = ")
        if expression.names.get(name) in key_names and value in expression.values:
            key[expression.names[name]] = expression.values.pop(value)
        else:
            conditions.append(condition)
    if set(key) != set(key_names) or any(" OR " in one for one in conditions):
        raise ValueError("Where clause does not contain a mandatory equality on key")
    table = found["quoted"] or found["bare"]
    condition = " AND ".join(conditions)
    said = f"{update} {condition} "
    names = {
        name: to
        for name, to in expression.names.items()
        if re.search(rf"{name}\b", said)
    }
    return Update(table, key, update, condition, names, expression.values)


class _Expression:
    """Writes PartiQL's names and values as an expression's placeholders."""

    def __init__(self, parameters: Iterator[Value]) -> None:
        self._parameters = parameters
        self.names: dict[str, str] = {}
        self.values: Values = {}

    def name(self, attribute: str) -> str:
        for placeholder, known in self.names.items():
            if known == attribute:
                return placeholder
        placeholder = f"#n{len(self.names)}"
        self.names[placeholder] = attribute
        return placeholder

    def written(self, text: str) -> list[str]:
        return [self._token(found) for found in _TOKEN.finditer(text)]

    def _token(self, found: re.Match[str]) -> str:
        word, text = found["word"], found["text"]
        if kept := found["sign"] or found["function"]:
            return kept
        if found["quoted"]:
            return self.name(found["quoted"])
        if word:
            known = word.upper() in {*_WORDS, *_CLAUSES}
            return word.upper() if known else self.name(word)
        if found["parameter"]:
            return self._value(next(self._parameters))
        if text:
            return self._value({"S": text[1:-1].replace("''", "'")})
        return self._value({"N": found["number"]})

    def _value(self, value: Value) -> str:
        placeholder = f":v{len(self.values)}"
        self.values[placeholder] = value
        return placeholder


def _clauses(tokens: Sequence[str]) -> str:
    """Join repeated clauses: an UpdateExpression has one of each kind."""
    parts: dict[str, list[str]] = {}
    for token in tokens:
        if token in _CLAUSES:
            clause = parts.setdefault(token, [])
            clause.append("," * bool(clause))
        else:
            clause.append(token)
    return " ".join(f"{kind} {' '.join(said)}" for kind, said in parts.items())
