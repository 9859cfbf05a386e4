"""The elements of a statement that select who, what and on which resource."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from sam_harness.iam.patterns import Matcher, arn_like
from sam_harness.iam.request import (
    HOST,
    IDENTITY,
    PROVIDER,
    SERVICE,
    Principal,
    Request,
    several,
)

_WILD = re.compile(r"[*?$]")
_ROOT = re.compile(r"arn:[a-z-]+:iam::(\d{12}):root")
# Unique ids, as IAM shows them after the named user or role was deleted.
_UNIQUE_ID = re.compile(r"A[A-Z]{3}[A-Z0-9]{12,}")
# An origin access identity; it is no caller's own.
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3-oai.html
_OF_CLOUDFRONT = re.compile(
    r"arn:[a-z-]+:iam::cloudfront:user/CloudFront Origin Access Identity \w+"
)
_ACTION = re.compile(r"\*|\*:\*|[a-zA-Z0-9-]+:[a-zA-Z0-9*?_-]+")


@dataclass(frozen=True, slots=True)
class Actions:
    """An Action or NotAction element; names are case-insensitive."""

    pattern: re.Pattern[str]
    negated: bool

    def match(self, action: str) -> bool:
        """Match an action in lower case."""
        return (self.pattern.fullmatch(action) is None) is self.negated


@dataclass(frozen=True, slots=True)
class Resources:
    """A Resource or NotResource element; ARNs are case-sensitive."""

    patterns: tuple[str, ...]
    matchers: tuple[Matcher, ...]
    negated: bool

    def match(self, request: Request, *, deny: bool, doubt: bool) -> bool:
        """Match; an unresolved variable never helps a NotResource to allow.

        ``doubt``: whether a resource of which only the format is known matches.
        """
        if request.is_open:
            inner = self._possible if doubt is not self.negated else self._certain
            return inner(request) is not self.negated
        unresolved = False
        for matcher in self.matchers:
            matched = matcher(request.resource, request.context)
            if matched:
                return not self.negated
            unresolved = unresolved or matched is None
        return self.negated and (deny or not unresolved)

    def _certain(self, request: Request) -> bool:
        """Tell whether one pattern matches every ARN of the request's format.

        What stands for anything is matched by a wildcard alone, as it is by two texts
        of different lengths that no policy has.
        """
        told = [request.resource.replace("*", "\0" * many) for many in (1, 99)]
        return any(
            all(matcher(one, request.context) for one in told)
            for matcher in self.matchers
        )

    def _possible(self, request: Request) -> bool:
        """Tell whether a pattern and the format begin with the same text."""
        begins = request.resource.partition("*")[0]
        texts = [_WILD.split(one, maxsplit=1)[0] for one in self.patterns]
        return any(begins.startswith(one) or one.startswith(begins) for one in texts)


class Grant(IntEnum):
    """How closely a Principal element names the requester; more is closer."""

    NONE = 0
    ACCOUNT = 1  # delegates to the account: its identity policies decide
    ROLE = 2  # the role behind the session: boundary and session policy still limit
    DIRECT = 3  # the requester itself, or everyone: nothing else limits


@dataclass(frozen=True, slots=True)
class Principals:
    """A Principal or NotPrincipal element; ``names`` as they are normalised."""

    names: frozenset[str]
    negated: bool

    def grant(self, who: Principal, *, deny: bool, region: str) -> Grant:
        """Tell how closely the element covers the requester, who asks in a region."""
        if self.negated:
            return self._except(who, deny=deny)
        if "*" in self.names:
            return Grant.DIRECT
        if who.role in self.names:
            return Grant.DIRECT if who.name in self.names - {who.role} else Grant.ROLE
        if self.names.intersection(who.names(region)):
            return Grant.DIRECT
        return Grant.ACCOUNT if who.account in self.names else Grant.NONE

    def _except(self, who: Principal, *, deny: bool) -> Grant:
        listed = [name in self.names or "*" in self.names for name in who.chain()]
        # AWS may check account, role and session each: only who is listed at every
        # level is surely exempt from a Deny, and who is listed at any from an Allow.
        covered = not all(listed) if deny else not any(listed)
        return Grant.DIRECT if covered else Grant.NONE


def _either(statement: Mapping[str, object], element: str) -> tuple[object, bool]:
    if element in statement and f"Not{element}" in statement:
        raise ValueError(f"both {element} and Not{element}")
    negated = f"Not{element}" in statement
    if not negated and element not in statement:
        raise ValueError(f"neither {element} nor Not{element}")
    return statement[f"Not{element}" if negated else element], negated


def _strings(value: object, element: str) -> list[str]:
    values = several(value)
    if not values or not all(isinstance(one, str) and one for one in values):
        raise ValueError(f"{element} is not a string or a list of strings")
    return values


def read_actions(statement: Mapping[str, object]) -> Actions:
    """Read Action or NotAction; ValueError when it is neither."""
    value, negated = _either(statement, "Action")
    names = _strings(value, "Action")
    for name in names:
        if not _ACTION.fullmatch(name):
            raise ValueError(f"{name!r} is not an action such as sqs:SendMessage")
    written = "|".join(
        re.escape(name.lower()).replace(r"\*", ".*").replace(r"\?", ".")
        for name in names
    )
    return Actions(re.compile(written), negated)


def read_resources(statement: Mapping[str, object], *, variables: bool) -> Resources:
    """Read Resource or NotResource; ValueError when it is neither."""
    value, negated = _either(statement, "Resource")
    patterns = _strings(value, "Resource")
    matchers = tuple(arn_like(one, variables=variables) for one in patterns)
    return Resources(tuple(patterns), matchers, negated)


def read_principals(statement: Mapping[str, object]) -> Principals:
    """Read Principal or NotPrincipal; ValueError when it is neither."""
    value, negated = _either(statement, "Principal")
    if value == "*":
        return Principals(frozenset("*"), negated)
    if not isinstance(value, Mapping) or not value:
        raise ValueError("Principal is neither * nor an object with AWS, Service, ...")
    return Principals(
        frozenset(
            _normalised(kind, name)
            for kind, names in value.items()
            for name in _strings(names, f"Principal {kind}")
        ),
        negated,
    )


def _normalised(kind: str, name: str) -> str:
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
        "AWS": (IDENTITY, re.compile(r"\d{12}"), _UNIQUE_ID, _OF_CLOUDFRONT),
        "Service": (SERVICE,),
        "Federated": (PROVIDER, HOST),
        "CanonicalUser": (re.compile(r"[0-9a-f]{64}"),),
    }
    if kind not in known:
        raise ValueError(f"{kind!r} is not one of {', '.join(known)}")
    if not any(pattern.fullmatch(name) for pattern in known[kind]):
        raise ValueError(f"{name!r} is not a principal of type {kind}")
    return name
