"""What decides about a call: its caller, the policies, the keys of its context."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from sam_harness.iam.call import Authorization, Call, MissingResource
from sam_harness.iam.evaluate import Decision, Policies, decide
from sam_harness.iam.policy import Policy, PolicyKind
from sam_harness.iam.reference import tag_keys
from sam_harness.iam.request import Principal, Request
from sam_harness.iam.services import authorizations
from sam_harness.iam.unmapped import unfilled
from sam_harness.localstack.gate.caller import (
    Service,
    Session,
    WebIdentity,
    keys_of_request,
    keys_of_service,
)
from sam_harness.localstack.gate.knowledge import Knowledge

type Caller = Session | Service | WebIdentity


def decisions(
    call: Call, caller: Caller, knowledge: Knowledge
) -> Iterator[tuple[Request, Decision]]:
    """Decide about each permission in turn; none at all: nothing is needed.

    Raises:
        UnmappableCall: what the call needs is not known; refuse it.
        MalformedPolicy: a policy is one that AWS would not have taken.
    """
    principal, context = _principal(call, caller, knowledge)
    # LocalStack does not say for what a service assumes a role.
    lacks = isinstance(caller, Service) and not caller.source_arn
    for needed in authorizations(call):
        keys = {**context, **_keys_of_permission(call, needed, knowledge)}
        requests = [
            replace(
                Request.of(principal, needed.action, resource, keys),
                is_open=bool(needed.formats) and resource != "*",
                unknown=(
                    *needed.unknown,
                    *unfilled(call, needed),
                    *(("aws:sourcearn",) if lacks else ()),
                ),
            )
            for resource in needed.formats or (needed.resource,)
        ]
        yield decide(_case(call, caller, one, knowledge) for one in requests)


def _case(
    call: Call, caller: Caller, request: Request, knowledge: Knowledge
) -> tuple[Policies, Request]:
    """Return what decides about a request, and the request with the tags asked for."""
    resource = _resource_policy(request, call.account, knowledge)
    policies = (
        _of_session(caller, resource, knowledge)
        if isinstance(caller, Session)
        else Policies(resource=resource)
    )
    is_one = request.resource.startswith("arn:") and not request.is_open
    if is_one and any(policy.asks_for_tags for policy in policies):
        tags = knowledge.tags(request.resource)
        if tags is None:
            unknown = (*request.unknown, *tag_keys(request.action))
            return policies, replace(request, unknown=unknown)
        request = replace(request, context={**tags, **request.context})
    return policies, request


def _principal(
    call: Call, caller: Caller, knowledge: Knowledge
) -> tuple[Principal, dict[str, object]]:
    context: dict[str, object] = dict(keys_of_request(call.region))
    if isinstance(caller, Service):
        account, bucket = call.account, caller.source_arn or ""
        if ":s3:::" in bucket:  # it names no account, and LocalStack calls in another
            account = knowledge.owner(bucket) or account
        source = keys_of_service(caller, account)
        if call.operation == "AssumeRole" and not source:  # of the role's own account
            role = f"{call.parameters.get('RoleArn')}::::"
            source = {"aws:SourceAccount": role.split(":")[4]}
        return Principal.parse(caller.principal), context | source
    context |= call.client
    if isinstance(caller, WebIdentity):
        return Principal.parse(caller.principal), context | dict(caller.keys)
    # A tag of the session is instead of the role's.
    own = knowledge.role(caller.principal.arn).tags
    return caller.principal, {**context, **own, **caller.context}


def _keys_of_permission(
    call: Call, needed: Authorization, knowledge: Knowledge
) -> Mapping[str, object]:
    """Return the keys of a permission, and the account of an ARN without one."""
    if needed.resource.startswith("arn:") and needed.resource.split(":", 5)[4] == "":
        account = knowledge.owner(needed.resource) or call.account
        owner = dict.fromkeys(("aws:ResourceAccount", "s3:ResourceAccount"), account)
        return {**owner, **needed.context}
    return needed.context


def _resource_policy(
    request: Request, account: str, knowledge: Knowledge
) -> Policy | None:
    if not request.resource.startswith("arn:"):
        return None
    if request.assumes_a_role:
        # A role that does not exist trusts no principal.
        no_trust = Policy("no such role", PolicyKind.TRUST, ())
        return knowledge.role(request.resource).trust or no_trust
    if request.is_open and knowledge.has_policies(request.resource):
        raise MissingResource(
            f"sam-harness cannot tell which resource {request.action} is on, and that"
            " resource may have a policy"
        )
    return knowledge.resource(request.resource, account)


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
