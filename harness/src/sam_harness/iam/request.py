"""The request that policies decide about: who asks, for what, in which context."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Self

from sam_harness.errors import HarnessError

# Condition keys in lower case, each with its values.
type Context = Mapping[str, tuple[str, ...]]

ARN_PARTS = 6
IDENTITY = re.compile(
    r"arn:[a-z-]+:(?:iam|sts)::(?P<account>\d{12}):"
    r"(?P<kind>root$|user/|role/|assumed-role/|federated-user/)(?P<name>.*)"
)
PROVIDER = re.compile(r"arn:[a-z-]+:iam::\d{12}:(?:saml|oidc)-provider/.+")
SERVICE = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(?:\.cn)?")
# As states.eu-west-1.amazonaws.com, which some policies name it by.
_REGIONAL = re.compile(r"([a-z0-9-]+)\.([a-z]{2}(?:-[a-z]+)+-\d)(\.amazonaws\.com.*)")
HOST = re.compile(r"[a-z0-9.-]+\.[a-z]+(?:/.*)?")
# The calls that give out role sessions, and what they take of the role.
_ASSUMING = ("sts:assumerole", "sts:tagsession", "sts:setsourceidentity")
_ACTION = re.compile(r"[a-zA-Z0-9-]+:[a-zA-Z0-9_-]+")


class MalformedRequest(HarnessError):  # noqa: N818 - like AWS's MalformedPolicy
    """A request that no principal could make (no such principal, no resource)."""


class Kind(Enum):
    """What sort of principal, as an identity's ARN names it."""

    ROOT = "root"
    USER = "user"
    ROLE = "role"
    SESSION = "assumed-role"
    FEDERATED_USER = "federated-user"
    SERVICE = "service"
    PROVIDER = "identity provider"


@dataclass(frozen=True, slots=True)
class Principal:
    """The requester; ``role`` is the ARN of the role behind a session."""

    name: str
    kind: Kind
    account: str | None = None
    role: str | None = None

    @classmethod
    def parse(cls, name: str, role: str | None = None) -> Self:
        """Read an ARN, a service principal or an identity provider.

        A session's ARN lacks the path of its role: give ``role`` when it has one.
        """
        if found := IDENTITY.fullmatch(name):
            kind, account = Kind(found["kind"].removesuffix("/")), found["account"]
            if kind is Kind.SESSION:
                partition = name.split(":", 2)[1]
                of_role = f"arn:{partition}:iam::{account}:role/"
                role = role or of_role + found["name"].split("/", 1)[0]
            else:
                role = name if kind is Kind.ROLE else None
            return cls(name, kind, account, role)
        if PROVIDER.fullmatch(name) or name == "cognito-identity.amazonaws.com":
            return cls(name, Kind.PROVIDER)
        if SERVICE.fullmatch(name):
            return cls(name, Kind.SERVICE)
        if HOST.fullmatch(name):
            return cls(name, Kind.PROVIDER)
        raise MalformedRequest(
            f"{name!r} is not the ARN of a user, role, session or account,"
            " nor a service principal"
        )

    @property
    def arn(self) -> str:
        """``aws:PrincipalArn``: of a session, the ARN of its role."""
        return self.role if self.kind is Kind.SESSION and self.role else self.name

    def names(self, region: str) -> tuple[str, ...]:
        """All that a policy may call it; a service also by the region it calls in."""
        if self.kind is not Kind.SERVICE:
            return (self.name,)
        found = _REGIONAL.fullmatch(self.name)
        name = found[1] + found[3] if found else self.name
        service, _, domain = name.partition(".")
        return (name, f"{service}.{found[2] if found else region}.{domain}")

    def chain(self) -> tuple[str, ...]:
        """Every name that must be exempt for NotPrincipal to exempt this one."""
        if self.kind is Kind.ROOT:
            return (self.account or self.name,)
        return tuple(name for name in (self.name, self.role, self.account) if name)


def several(value: object) -> list[Any]:
    """Return a list's elements; what is no list stands alone, as in policies."""
    return value if isinstance(value, list) else [value]


def text(value: object) -> str:
    """Write a JSON scalar the way IAM compares it (``true``, ``10``)."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise MalformedRequest(f"not a string, number or boolean: {value!r}")


def context_of(values: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    """Normalise condition keys and values; key names are case-insensitive."""
    context = {}
    for key, value in values.items():
        if key.lower() in context:
            raise MalformedRequest(f"context key {key} is given twice")
        scalar = isinstance(value, str) or not isinstance(value, Iterable)
        context[key.lower()] = (
            (text(value),) if scalar else tuple(text(one) for one in value)  # type: ignore[attr-defined]  # not scalar
        )
    return context


_PRINCIPAL_TYPES = {
    Kind.ROOT: "Account",
    Kind.USER: "User",
    Kind.ROLE: "AssumedRole",
    Kind.SESSION: "AssumedRole",
    Kind.FEDERATED_USER: "FederatedUser",
}


@dataclass(frozen=True, slots=True)
class Request:
    """One action on one resource; ``resource_account`` is None when nothing says.

    ``is_open``: of the resource the format alone is known, with ``*`` for what is not.
    ``unknown``: how condition keys begin, in lower case, of which nothing is known.
    """

    principal: Principal
    action: str
    resource: str
    context: Context
    action_key: str
    resource_account: str | None
    is_open: bool = False
    unknown: tuple[str, ...] = ()

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
    def is_uncertain(self) -> bool:
        """Tell whether something is not known that policies may ask for."""
        return self.is_open or bool(self.unknown)

    @property
    def assumes_a_role(self) -> bool:
        """Tell whether the policy on the resource is a role's trust policy."""
        return self.action_key.startswith(_ASSUMING)

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
