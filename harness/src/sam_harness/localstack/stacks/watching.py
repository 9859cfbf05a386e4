"""Watches what LocalStack's providers take of each resource's properties."""

from collections.abc import Mapping
from typing import Any

from localstack.aws.api import RequestContext
from localstack.http import Response
from localstack.services.cloudformation.models import get_cloudformation_store
from localstack.services.cloudformation.resource_provider import (
    OperationStatus,
    ProgressEvent,
    ResourceProvider,
    ResourceProviderExecutor,
)

from sam_harness.localstack.stacks.others import check_name
from sam_harness.localstack.stacks.proof import (
    PROOF,
    default,
    kept_in_vain,
    refusal,
    sets_anew,
)
from sam_harness.localstack.stacks.reading import (
    NOW,
    Reading,
    Watched,
    making,
    names,
    paths,
    plain,
    unread,
)
from sam_harness.localstack.stacks.scalars import typed


def watch(
    original: Any,  # noqa: ANN401 - LocalStack is untyped
    executor: ResourceProviderExecutor,
    provider: ResourceProvider,
    resource: dict[str, Any],
    payload: Mapping[str, Any],
    **options: object,
) -> ProgressEvent:
    """Have a provider act, and note what it takes of the resource's properties."""
    if reason := refusal(payload["resourceType"]):
        raise NotImplementedError(reason)
    asked = payload["requestData"]
    logical_id, schema = asked["logicalResourceId"], provider.SCHEMA
    wanted = typed(asked["resourceProperties"], schema, schema)
    lost = set[str]()
    if payload["action"] == "Add":
        check_name(payload)
    if payload["action"] == "Modify":
        lost = PROOF.lost(executor.stack_id, logical_id, wanted)
        wanted = wanted | _defaults(payload["resourceType"], lost)
    with making(logical_id) as reading:
        told = {**asked, "resourceProperties": Watched(wanted, reading)}
        event = original(
            executor, provider, resource, {**payload, "requestData": told}, **options
        )
    if event.status == OperationStatus.FAILED:
        # Of an update, too, its own message is that a deletion failed.
        raised = (event.custom_context or {}).get("exception")
        said = _of_nested(payload, resource) or (raised and str(raised))
        event.message = said or event.message
    event.resource_model = plain(event.resource_model)
    resource.update(plain(dict(resource)))
    _note(executor.stack_id, payload, wanted, lost, reading)
    return event


def _defaults(kind: str, lost: set[str]) -> dict[str, Any]:
    found = {name: default(kind, name) for name in lost}
    return {name: value for name, value in found.items() if value is not None}


def _of_nested(payload: Mapping[str, Any], resource: Mapping[str, Any]) -> str:
    """Return why a nested stack failed: its provider says only that it did."""
    store = get_cloudformation_store(payload["awsAccountId"], payload["region"])
    nested = store.stacks_v2.get((resource.get("Properties") or {}).get("Id"))
    return "; ".join(
        f"{logical_id}: {state['ResourceStatusReason']}"
        for logical_id, state in (nested.resource_states if nested else {}).items()
        if "ResourceStatusReason" in state
    )


def _note(
    stack: str,
    payload: Mapping[str, Any],
    wanted: dict[str, Any],
    lost: set[str],
    reading: Reading,
) -> None:
    asked, kind = payload["requestData"], payload["resourceType"]
    logical_id = asked["logicalResourceId"]
    has = {name for name, _ in paths(asked["resourceProperties"])}
    used = reading.done()
    vain = {name for name in names(wanted) if f"{kind}.{name}" in kept_in_vain()}
    match payload["action"]:
        case "Add":
            dropped = {*unread(wanted, used)} | vain
            PROOF.made(stack, logical_id, kind, dropped, has)
        case "Modify":
            before = asked["previousResourceProperties"] or {}
            if not reading.has_called:
                used = set()
            dropped = {*unread(wanted, used, before)} | vain
            kept = {
                name
                for name in lost - wanted.keys()
                if not (reading.has_called and sets_anew(kind, name))
            }
            PROOF.updated(stack, logical_id, dropped, kept, has)


def listen(_chain: object, context: RequestContext, _response: Response) -> None:
    """Tell a request's parameters to the resource for which it is made."""
    if reading := NOW.get():
        reading.called(context.service_request)
