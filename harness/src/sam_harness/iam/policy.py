"""Policy documents: checked against IAM's grammar, then compiled.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import cast

from sam_harness.errors import HarnessError
from sam_harness.iam.conditions import Test, compile_conditions
from sam_harness.iam.elements import (
    Actions,
    Grant,
    Principals,
    Resources,
    read_actions,
    read_principals,
    read_resources,
)
from sam_harness.iam.request import Request, several

_ELEMENTS = {"Version", "Id", "Statement"}
_OF_A_STATEMENT = {
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
}
_SID = re.compile("[A-Za-z0-9]*")
VERSIONS = {"2012-10-17", "2008-10-17"}
_WITH_VARIABLES = "2012-10-17"


class MalformedPolicy(HarnessError):  # noqa: N818 - AWS's own name for it
    """A policy IAM would refuse; the message names policy and statement."""


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
class Statement:
    """``label`` is the Sid, or the index of a statement without."""

    label: str | int
    deny: bool
    principals: Principals | None
    actions: Actions
    resources: Resources | None
    tests: tuple[Test, ...]

    def match(self, request: Request, *, doubt: bool) -> Grant:
        """Tell whether the statement applies, and how closely it names who asks.

        ``doubt``: whether where that depends on what is not known of the request.
        """
        if not self.actions.match(request.action_key):
            return Grant.NONE
        if self.resources and not self.resources.match(
            request, deny=self.deny, doubt=doubt
        ):
            return Grant.NONE
        grant = (
            self.principals.grant(
                request.principal,
                deny=self.deny,
                region=request.context.get("aws:requestedregion", ("",))[0],
            )
            if self.principals
            else Grant.DIRECT
        )
        if all(
            test.match(request.context, request.unknown, doubt=doubt)
            for test in self.tests
        ):
            return grant
        return Grant.NONE


@dataclass(frozen=True, slots=True)
class Policy:
    """A compiled policy; ``name`` is how reports call it.

    ``asks_for_tags``: its decision may depend on the tags of the resource.
    """

    name: str
    kind: PolicyKind
    statements: tuple[Statement, ...]
    asks_for_tags: bool = False


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
    statements = several(policy.get("Statement"))
    if not statements or statements == [None]:
        raise MalformedPolicy(f"{name}: no Statement")
    compiled = tuple(
        _compiled(one, index, kind, name, variables=version == _WITH_VARIABLES)
        for index, one in enumerate(statements)
    )
    for label, count in Counter(one.label for one in compiled).items():
        if count > 1:
            raise MalformedPolicy(f"{name}: two statements {label!r}")
    return Policy(name, kind, compiled, "resourcetag/" in str(policy).lower())


def _compiled(
    statement: object, index: int, kind: PolicyKind, name: str, *, variables: bool
) -> Statement:
    sid = statement.get("Sid") if isinstance(statement, Mapping) else None
    label = f"{sid!r}" if isinstance(sid, str) and sid else str(index)
    try:
        if not isinstance(statement, Mapping):
            raise ValueError("not a JSON object")  # noqa: TRY004, TRY301 - see below
        known = cast("Mapping[str, object]", statement)
        return _statement(known, index, kind, variables=variables)
    except ValueError as error:
        raise MalformedPolicy(f"{name}: statement {label}: {error}") from None


def _statement(
    statement: Mapping[str, object], index: int, kind: PolicyKind, *, variables: bool
) -> Statement:
    """Check and compile a statement; ValueError says what is wrong with it."""
    if unknown := sorted(set(statement) - _OF_A_STATEMENT):
        raise ValueError(f"unknown element {unknown[0]!r}")
    effect = statement.get("Effect")
    if effect not in {"Allow", "Deny"}:
        raise ValueError(f"Effect is {effect!r}, neither Allow nor Deny")
    sid = statement.get("Sid", "")
    if not isinstance(sid, str):
        raise ValueError("Sid is not a string")  # noqa: TRY004 - one type for the caller
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html
    if kind is not PolicyKind.RESOURCE and not _SID.fullmatch(sid):
        raise ValueError(f"Sid {sid!r} is not alphanumeric")
    deny = effect == "Deny"
    on_resources = kind is not PolicyKind.TRUST
    names_principals = _takes(statement, "Principal", taken=kind.names_principals)
    names_resources = _takes(statement, "Resource", taken=on_resources)
    return Statement(
        label=sid or index,
        deny=deny,
        principals=read_principals(statement) if names_principals else None,
        actions=read_actions(statement),
        resources=(
            read_resources(statement, variables=variables) if names_resources else None
        ),
        tests=tuple(
            compile_conditions(
                statement.get("Condition", {}), deny=deny, variables=variables
            )
        ),
    )


def _takes(statement: Mapping[str, object], element: str, *, taken: bool) -> bool:
    if not taken and (element in statement or f"Not{element}" in statement):
        raise ValueError(f"{element} cannot be used in this kind of policy")
    return taken
