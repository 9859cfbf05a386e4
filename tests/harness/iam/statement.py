"""One statement of a policy: compiled once, matched against many requests."""

from collections.abc import Mapping
from dataclasses import dataclass

from harness.iam.conditions import Test, compile_conditions
from harness.iam.elements import (
    Actions,
    Resources,
    read_actions,
    read_principals,
    read_resources,
)
from harness.iam.principals import Grant, Principals
from harness.iam.request import Request

_ELEMENTS = {
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


@dataclass(frozen=True, slots=True)
class Statement:
    """``label`` is the Sid, or the index of a statement without."""

    label: str | int
    deny: bool
    principals: Principals | None
    actions: Actions
    resources: Resources | None
    tests: tuple[Test, ...]

    def match(self, request: Request) -> Grant:
        """Tell whether the statement applies, and how closely it names who asks."""
        if not self.actions.match(request.action_key):
            return Grant.NONE
        if self.resources and not self.resources.match(request, deny=self.deny):
            return Grant.NONE
        grant = (
            self.principals.grant(request.principal, deny=self.deny)
            if self.principals
            else Grant.DIRECT
        )
        if grant and all(test(request.context) for test in self.tests):
            return grant
        return Grant.NONE


def compile_statement(
    statement: Mapping[str, object],
    index: int,
    *,
    principals: bool,
    resources: bool,
    variables: bool,
) -> Statement:
    """Check and compile; ``principals``, ``resources``: needed if true, else refused.

    Raises:
        ValueError: saying what is wrong with the statement.

    """
    if unknown := sorted(set(statement) - _ELEMENTS):
        raise ValueError(f"unknown element {unknown[0]!r}")
    effect = statement.get("Effect")
    if effect not in {"Allow", "Deny"}:
        raise ValueError(f"Effect is {effect!r}, neither Allow nor Deny")
    sid = statement.get("Sid", "")
    if not isinstance(sid, str):
        raise ValueError("Sid is not a string")  # noqa: TRY004 - one type for the caller
    deny = effect == "Deny"
    names_principals = _takes(statement, "Principal", taken=principals)
    names_resources = _takes(statement, "Resource", taken=resources)
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
