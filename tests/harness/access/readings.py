"""Two readings of what is attached to a role: as written, and what is possible.

What is possible takes every condition of an Allow as met and leaves every conditional
Deny out: no condition can hide a permission from it.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from harness.access.attached import Attached, Document
from harness.iam.evaluate import Policies
from harness.iam.patterns import ARN_PARTS
from harness.iam.policy import Policy, PolicyKind, compile_policy

_NOTHING = "arn:aws:nothing:::nothing"
_VARIABLE = re.compile(r"\$\{[^}]*\}")


@dataclass(frozen=True, slots=True)
class Readings:
    """A role's policies, compiled; and what their Allow statements mention."""

    written: Policies
    possible: Policies
    services: frozenset[str]
    instances: tuple[str, ...]


def read(attached: Attached) -> Readings:
    """Compile the policies of a role in both readings."""
    documents = [document for _, document in attached.identity]
    return Readings(
        _policies(attached, compile_policy),
        _policies(attached, possible),
        frozenset(
            action.partition(":")[0]
            for action in _allowed(documents, "Action")
            if action != "*"
        ),
        tuple(
            _instance(pattern)
            for pattern in _allowed(documents, "Resource")
            if pattern != "*"
        ),
    )


def possible(document: Document, kind: PolicyKind, name: str) -> Policy:
    """Compile with every Allow, its conditions met, and the unconditional Denies."""
    statements = [_any_value(one) for one in _statements(document)]
    policy = compile_policy({**document, "Statement": statements}, kind, name)
    return replace(
        policy,
        statements=tuple(
            replace(one, tests=())
            for one in policy.statements
            if not (one.deny and one.tests)
        ),
    )


def _any_value(statement: dict[str, Any]) -> dict[str, Any]:
    """Let policy variables stand for whatever allows most."""
    if statement.get("Effect") != "Allow":
        return statement
    if "Resource" in statement:
        patterns = [_VARIABLE.sub("*", one) for one in _list(statement, "Resource")]
        return {**statement, "Resource": patterns}
    plain = [one for one in _list(statement, "NotResource") if "${" not in one]
    return {**statement, "NotResource": plain or [_NOTHING]}


def _policies(
    attached: Attached, compiled: Callable[[Document, PolicyKind, str], Policy]
) -> Policies:
    boundary = None
    if attached.boundary:
        name, document = attached.boundary
        boundary = compiled(document, PolicyKind.BOUNDARY, name)
    return Policies(
        identity=tuple(
            compiled(document, PolicyKind.IDENTITY, name)
            for name, document in attached.identity
        ),
        boundary=boundary,
    )


def _allowed(documents: list[Document], key: str) -> Iterator[str]:
    """Yield what the Allow statements list under ``key``."""
    for document in documents:
        for statement in _statements(document):
            if statement.get("Effect") == "Allow":
                yield from _list(statement, key)


def _instance(pattern: str) -> str:
    """Return one ARN that the pattern matches."""
    arn = re.sub(r"[*?]", "x", _VARIABLE.sub("x", pattern))
    return arn + ":x" * (ARN_PARTS - 1 - arn.count(":"))


def _statements(document: Document) -> list[dict[str, Any]]:
    listed = document["Statement"]
    return listed if isinstance(listed, list) else [listed]


def _list(statement: dict[str, Any], key: str) -> list[str]:
    value = statement.get(key, [])
    return value if isinstance(value, list) else [value]
