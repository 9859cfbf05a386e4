"""Who makes a request, and whom a Principal element names."""

import re
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Self

from harness.iam.errors import MalformedRequest

_IDENTITY = re.compile(
    r"arn:[a-z-]+:(?:iam|sts)::(?P<account>\d{12}):"
    r"(?P<kind>root$|user/|role/|assumed-role/|federated-user/)(?P<name>.*)"
)
_PROVIDER = re.compile(r"arn:[a-z-]+:iam::\d{12}:(?:saml|oidc)-provider/.+")
_SERVICE = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(?:\.cn)?")
_ROOT = re.compile(r"arn:[a-z-]+:iam::(\d{12}):root")
# Unique ids, as IAM shows them after the named user or role was deleted.
_UNIQUE_ID = re.compile(r"A[A-Z]{3}[A-Z0-9]{12,}")
_HOST = re.compile(r"[a-z0-9.-]+\.[a-z]+(?:/.*)?")


class Kind(Enum):
    """What sort of principal."""

    ROOT = "account"
    USER = "user"
    ROLE = "role"
    SESSION = "role session"
    FEDERATED_USER = "federated user"
    SERVICE = "service"
    PROVIDER = "identity provider"


_KINDS = {
    "root": Kind.ROOT,
    "user/": Kind.USER,
    "role/": Kind.ROLE,
    "assumed-role/": Kind.SESSION,
    "federated-user/": Kind.FEDERATED_USER,
}


class Grant(IntEnum):
    """How closely a Principal element names the requester; more is closer."""

    NONE = 0
    ACCOUNT = 1  # delegates to the account: its identity policies decide
    ROLE = 2  # the role behind the session: boundary and session policy still limit
    DIRECT = 3  # the requester itself, or everyone: nothing else limits


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
        if found := _IDENTITY.fullmatch(name):
            kind, account = _KINDS[found["kind"]], found["account"]
            if kind is Kind.SESSION:
                partition = name.split(":", 2)[1]
                of_role = f"arn:{partition}:iam::{account}:role/"
                role = role or of_role + found["name"].split("/", 1)[0]
            else:
                role = name if kind is Kind.ROLE else None
            return cls(name, kind, account, role)
        if _PROVIDER.fullmatch(name) or name == "cognito-identity.amazonaws.com":
            return cls(name, Kind.PROVIDER)
        if _SERVICE.fullmatch(name):
            return cls(name, Kind.SERVICE)
        if _HOST.fullmatch(name):
            return cls(name, Kind.PROVIDER)
        raise MalformedRequest(
            f"{name!r} is not the ARN of a user, role, session or account,"
            " nor a service principal"
        )

    @property
    def arn(self) -> str:
        """``aws:PrincipalArn``: of a session, the ARN of its role."""
        return self.role if self.kind is Kind.SESSION and self.role else self.name

    def chain(self) -> tuple[str, ...]:
        """Every name that must be exempt for NotPrincipal to exempt this one."""
        if self.kind is Kind.ROOT:
            return (self.account or self.name,)
        return tuple(name for name in (self.name, self.role, self.account) if name)


def normalised(kind: str, name: str) -> str:
    """Check one value of a Principal element; an account becomes its 12 digits.

    Raises:
        ValueError: it is no principal, or has a wildcard within its name.

    """
    if name == "*" and kind == "AWS":
        return name
    if "*" in name or "?" in name:
        raise ValueError(f"{name!r}: a wildcard cannot be part of a principal's name")
    if found := _ROOT.fullmatch(name):
        return found[1]
    known = {
        "AWS": (_IDENTITY, re.compile(r"\d{12}"), _UNIQUE_ID),
        "Service": (_SERVICE,),
        "Federated": (_PROVIDER, _HOST),
        "CanonicalUser": (re.compile(r"[0-9a-f]{64}"),),
    }
    if kind not in known:
        raise ValueError(f"{kind!r} is not one of {', '.join(known)}")
    if not any(pattern.fullmatch(name) for pattern in known[kind]):
        raise ValueError(f"{name!r} is not a principal of type {kind}")
    return name


@dataclass(frozen=True, slots=True)
class Principals:
    """A Principal or NotPrincipal element; ``names`` as `normalised` writes them."""

    names: frozenset[str]
    negated: bool = False

    def grant(self, who: Principal, *, deny: bool) -> Grant:
        """Tell how closely the element covers the requester."""
        if self.negated:
            return self._except(who, deny=deny)
        if "*" in self.names:
            return Grant.DIRECT
        if who.role in self.names:
            return Grant.DIRECT if who.name in self.names - {who.role} else Grant.ROLE
        if who.name in self.names:
            return Grant.DIRECT
        if who.account in self.names:
            return Grant.DIRECT if who.kind is Kind.ROOT else Grant.ACCOUNT
        return Grant.NONE

    def _except(self, who: Principal, *, deny: bool) -> Grant:
        listed = [name in self.names or "*" in self.names for name in who.chain()]
        # AWS may check account, role and session each: only who is listed at every
        # level is surely exempt from a Deny, and who is listed at any from an Allow.
        covered = not all(listed) if deny else not any(listed)
        return Grant.DIRECT if covered else Grant.NONE
