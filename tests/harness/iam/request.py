"""The request that policies are evaluated against."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from harness.iam.context import Context, context_of
from harness.iam.errors import MalformedRequest
from harness.iam.patterns import ARN_PARTS
from harness.iam.principals import Kind, Principal

_ACTION = re.compile(r"[a-zA-Z0-9-]+:[a-zA-Z0-9_-]+")
_PRINCIPAL_TYPES = {
    Kind.ROOT: "Account",
    Kind.USER: "User",
    Kind.ROLE: "AssumedRole",
    Kind.SESSION: "AssumedRole",
    Kind.FEDERATED_USER: "FederatedUser",
}


@dataclass(frozen=True, slots=True)
class Request:
    """One action on one resource; ``resource_account`` is None when nothing says."""

    principal: Principal
    action: str
    resource: str
    context: Context
    action_key: str
    resource_account: str | None

    @classmethod
    def of(
        cls,
        principal: str | Principal,
        action: str,
        resource: str,
        context: Mapping[str, object] | None = None,
    ) -> Self:
        """Build a request; what the principal and the resource imply is added.

        ``aws:PrincipalArn`` in the context names the role of a session whose role
        has a path; ``aws:ResourceAccount`` the account of an ARN that has none.
        """
        given = context_of(context or {})
        if isinstance(principal, str):
            role = given.get("aws:principalarn", (None,))[0]
            principal = Principal.parse(principal, role)
        if not _ACTION.fullmatch(action):
            raise MalformedRequest(f"{action!r} is no action such as sqs:SendMessage")
        parts = resource.split(":", ARN_PARTS - 1)
        if resource != "*" and (parts[0] != "arn" or len(parts) != ARN_PARTS):
            raise MalformedRequest(f"{resource!r} is neither an ARN nor *")
        account = given.get("aws:resourceaccount", (None,))[0]
        if account is None and len(parts) == ARN_PARTS:
            account = parts[4] or None
        implied = _implied(principal, account)
        return cls(
            principal, action, resource, implied | given, action.lower(), account
        )

    @property
    def is_cross_account(self) -> bool:
        """Tell whether the resource belongs to another account than the requester."""
        mine, its = self.principal.account, self.resource_account
        return bool(mine and its and its not in {"aws", mine})


def _implied(
    principal: Principal, resource_account: str | None
) -> dict[str, tuple[str, ...]]:
    service = principal.kind is Kind.SERVICE
    implied = {"aws:principalisawsservice": "true" if service else "false"}
    if service:
        implied["aws:principalservicename"] = principal.name
    if principal.account:
        implied["aws:principalarn"] = principal.arn
        implied["aws:principalaccount"] = principal.account
        implied["aws:principaltype"] = _PRINCIPAL_TYPES[principal.kind]
    if principal.kind is Kind.USER:
        implied["aws:username"] = principal.name.rsplit("/", 1)[-1]
    if resource_account:
        implied["aws:resourceaccount"] = resource_account
    return {key: (value,) for key, value in implied.items()}
