"""Policy documents: checked against IAM's grammar, then compiled.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import cast

from harness.iam.errors import MalformedPolicy
from harness.iam.statement import Statement, compile_statement

_ELEMENTS = {"Version", "Id", "Statement"}
VERSIONS = {"2012-10-17", "2008-10-17"}
_WITH_VARIABLES = "2012-10-17"


class PolicyKind(Enum):
    """Where a policy is attached; the value is how AWS's messages name it."""

    IDENTITY = "identity-based policy"
    BOUNDARY = "permissions boundary"
    SESSION = "session policy"
    RESOURCE = "resource-based policy"
    TRUST = "role trust policy"

    @property
    def names_principals(self) -> bool:
        """Tell whether its statements need a Principal; the others must have none."""
        return self in {PolicyKind.RESOURCE, PolicyKind.TRUST}


@dataclass(frozen=True, slots=True)
class Policy:
    """A compiled policy; ``name`` is how reports call it."""

    name: str
    kind: PolicyKind
    statements: tuple[Statement, ...]


def compile_policy(document: object, kind: PolicyKind, name: str) -> Policy:
    """Check and compile a parsed JSON document.

    Raises:
        MalformedPolicy: naming the policy and the statement by Sid or index.

    """
    if not isinstance(document, Mapping):
        raise MalformedPolicy(f"{name}: a policy is a JSON object")
    policy = cast("Mapping[str, object]", document)
    if unknown := sorted(set(policy) - _ELEMENTS):
        raise MalformedPolicy(f"{name}: unknown element {unknown[0]!r}")
    version = policy.get("Version", "2008-10-17")
    if version not in VERSIONS:
        raise MalformedPolicy(
            f"{name}: unknown Version {version!r}; IAM knows 2012-10-17 and 2008-10-17"
        )
    listed = policy.get("Statement")
    statements = listed if isinstance(listed, list) else [listed]
    if not statements or statements == [None]:
        raise MalformedPolicy(f"{name}: no Statement")
    compiled = tuple(
        _compiled(one, index, kind, name, variables=version == _WITH_VARIABLES)
        for index, one in enumerate(statements)
    )
    _refuse_repeated_sids(compiled, name)
    return Policy(name, kind, compiled)


def _compiled(
    statement: object, index: int, kind: PolicyKind, name: str, *, variables: bool
) -> Statement:
    sid = statement.get("Sid") if isinstance(statement, Mapping) else None
    label = f"{sid!r}" if isinstance(sid, str) and sid else str(index)
    try:
        if not isinstance(statement, Mapping):
            raise ValueError("not a JSON object")  # noqa: TRY004, TRY301 - see below
        return compile_statement(
            cast("Mapping[str, object]", statement),
            index,
            principals=kind.names_principals,
            resources=kind is not PolicyKind.TRUST,
            variables=variables,
        )
    except (ValueError, re.error) as error:
        raise MalformedPolicy(f"{name}: statement {label}: {error}") from None


def _refuse_repeated_sids(statements: tuple[Statement, ...], name: str) -> None:
    seen: set[str | int] = set()
    for statement in statements:
        if statement.label in seen:
            raise MalformedPolicy(f"{name}: two statements {statement.label!r}")
        seen.add(statement.label)
