"""Decides about one call: every permission it needs, for the one who makes it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from harness.iam.evaluate import Decision, Policies, evaluate
from harness.iam.mapping import Authorization, Call, authorizations
from harness.iam.policy import Policy, PolicyKind
from harness.iam.principals import Principal
from harness.iam.request import Request
from harness.localstack_plugin.gate import keys
from harness.localstack_plugin.gate.caller import Service
from harness.localstack_plugin.gate.knowledge import Knowledge
from harness.localstack_plugin.gate.sessions import Session

_ASSUMING = ("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision about one permission that a call needs."""

    request: Request
    decision: Decision


def verdicts(
    call: Call, caller: Session | Service, knowledge: Knowledge
) -> Iterator[Verdict]:
    """Decide about each permission in turn; none at all: nothing is needed.

    Raises:
        UnmappableCall: nobody knows what the call needs; refuse it.
        MalformedPolicy: a policy is one that AWS would not have taken.

    """
    principal, context = _who(call, caller)
    for needed in authorizations(call):
        request = Request.of(
            principal,
            needed.action,
            needed.resource,
            {**context, **_own(call, needed)},
        )
        resource = _resource_policy(needed, call.account, knowledge)
        policies = (
            Policies(resource=resource)
            if isinstance(caller, Service)
            else _of_session(caller, resource, knowledge)
        )
        yield Verdict(request, evaluate(policies, request))


def _who(call: Call, caller: Session | Service) -> tuple[Principal, dict[str, object]]:
    context: dict[str, object] = dict(keys.of_request(call.region))
    if isinstance(caller, Service):
        source = keys.of_service(caller, call.account)
        return Principal.parse(caller.principal), context | source
    return caller.principal, context | dict(caller.context)


def _own(call: Call, needed: Authorization) -> Mapping[str, object]:
    """Return the keys of a permission, and the account of an ARN without one."""
    if needed.resource.startswith("arn:") and needed.resource.split(":", 5)[4] == "":
        return {"aws:ResourceAccount": call.account, **needed.context}
    return needed.context


def _resource_policy(
    needed: Authorization, account: str, knowledge: Knowledge
) -> Policy | None:
    if not needed.resource.startswith("arn:"):
        return None
    if needed.action.startswith(_ASSUMING):
        # A role that does not exist trusts nobody.
        nobody = Policy("no such role", PolicyKind.TRUST, ())
        return knowledge.role(needed.resource).trust or nobody
    return knowledge.resource(needed.resource, account)


def _of_session(
    session: Session, resource: Policy | None, knowledge: Knowledge
) -> Policies:
    principal = session.principal
    attached = knowledge.role(principal.arn)
    limits = tuple(
        knowledge.session_policy(arn, principal.account or "")
        for arn in session.managed
    )
    inline = (session.inline,) if session.inline else ()
    return Policies(attached.identity, attached.boundary, (*inline, *limits), resource)
