"""IAM's decision about a request, from every policy that applies to it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sam_harness.iam.call import UnmappableCall
from sam_harness.iam.elements import Grant
from sam_harness.iam.policy import Policy, PolicyKind
from sam_harness.iam.request import Kind, MalformedRequest, Request


@dataclass(frozen=True, slots=True)
class Policies:
    """Everything attached to the requester, its session and the resource.

    A role's trust policy is the resource policy of that role.
    """

    identity: tuple[Policy, ...] = ()
    boundary: Policy | None = None
    session: tuple[Policy, ...] = ()
    resource: Policy | None = None

    def __iter__(self) -> Iterator[Policy]:
        every = (*self.identity, self.boundary, *self.session, self.resource)
        return (policy for policy in every if policy)


@dataclass(frozen=True, slots=True)
class Match:
    """A statement that applied to the request."""

    policy: str
    statement: str | int
    effect: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What IAM says of a request; as text, in AWS's own words.

    ``denied_by`` is the kind of policy that denied, or that lacked an Allow; None: the
    request is allowed. ``matches``: of an explicit deny the denying statements, else
    all that allow, which after an implicit deny were not enough.
    """

    matches: tuple[Match, ...]
    denied_by: PolicyKind | None = None

    @property
    def is_allowed(self) -> bool:
        """Tell whether the request may proceed."""
        return self.denied_by is None

    @property
    def is_explicit(self) -> bool:
        """Tell whether a statement denies the request."""
        return any(match.effect == "Deny" for match in self.matches)

    def __str__(self) -> str:
        """Return ``allowed``, ``explicitDeny`` or ``implicitDeny``."""
        if self.is_allowed:
            return "allowed"
        return "explicitDeny" if self.is_explicit else "implicitDeny"


class Undecided(UnmappableCall):
    """The decision depends on what is not known of the request: deny it."""


def decide(cases: Iterable[tuple[Policies, Request]]) -> tuple[Request, Decision]:
    """Decide about a request that may be any of the cases, each as far as it is known.

    Raises:
        Undecided: the policies allow it in one case and not in another.
    """
    decided = [
        (request, evaluate(policies, request, lenient=lenient))
        for policies, request in cases
        for lenient in ((False, True) if request.is_uncertain else (False,))
    ]
    if len({decision.is_allowed for _, decision in decided}) == 1:
        return decided[-1]  # the lenient one: only what is certain denies in it
    action = decided[0][0].action
    raise Undecided(
        f"sam-harness cannot tell which resource {action} is on, or what {action} says"
        " to conditions, and the policies allow it on some only"
    )


def evaluate(
    policies: Policies, request: Request, *, lenient: bool = False
) -> Decision:
    """Decide: an explicit deny anywhere wins, then something must allow.

    What is not known of the request is taken as what allows it, if ``lenient``, else as
    what denies it.
    """
    attached = policies.identity or policies.boundary or policies.session
    if attached and request.principal.account is None:
        raise MalformedRequest(
            f"{request.principal.name} is a {request.principal.kind.value}:"
            " only a resource policy can apply to it"
        )
    granted: dict[PolicyKind, Grant] = {}
    allows, denies = [], []
    denied_by = None
    for policy in policies:
        for statement in policy.statements:
            grant = statement.match(request, doubt=lenient is not statement.deny)
            if not grant:
                continue
            if statement.deny:
                denies.append(Match(policy.name, statement.label, "Deny"))
                denied_by = denied_by or policy.kind
            else:
                allows.append(Match(policy.name, statement.label, "Allow"))
                granted[policy.kind] = max(grant, granted.get(policy.kind, Grant.NONE))
    if denied_by:
        return Decision(tuple(denies), denied_by)
    return Decision(tuple(allows), _lacking(policies, request, granted))


def _lacking(
    policies: Policies, request: Request, granted: dict[PolicyKind, Grant]
) -> PolicyKind | None:
    """Name the kind of policy whose Allow is missing; None: the request is allowed."""
    on_resource = policies.resource.kind if policies.resource else PolicyKind.RESOURCE
    grant = granted.get(on_resource, Grant.NONE)
    if request.principal.account is None:
        return None if grant else on_resource
    limit = _limit(policies, granted)
    identity = PolicyKind.IDENTITY in granted or request.principal.kind is Kind.ROOT
    if request.is_cross_account:
        lacking = limit if identity else PolicyKind.IDENTITY
        return lacking or (None if grant else on_resource)
    if grant in {Grant.DIRECT, Grant.ROLE}:
        return limit if grant is Grant.ROLE else None
    # A role's trust policy must name the requester, or its account; a key's likewise:
    # https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
    of_a_key = policies.resource and request.action_key.startswith("kms:")
    if (on_resource is PolicyKind.TRUST or of_a_key) and not grant:
        return on_resource
    return limit if identity else PolicyKind.IDENTITY


def _limit(policies: Policies, granted: dict[PolicyKind, Grant]) -> PolicyKind | None:
    if policies.boundary and PolicyKind.BOUNDARY not in granted:
        return PolicyKind.BOUNDARY
    if policies.session and PolicyKind.SESSION not in granted:
        return PolicyKind.SESSION
    return None
