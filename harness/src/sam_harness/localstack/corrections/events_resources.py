"""CloudFormation's rules of EventBridge, and the policies of its buses.

What LocalStack cannot read of them, or cannot change.
"""

import json
from collections.abc import Mapping

from localstack.services.cloudformation.resource_provider import (
    ProgressEvent,
    ResourceProvider,
    ResourceRequest,
)

from sam_harness.localstack.corrections.cloudformation_resources import Act, Model, done


def _put_rule(provider: ResourceProvider, request: ResourceRequest) -> ProgressEvent:
    """Make a rule, or change the one of this name.

    LocalStack mends a pattern that AWS refuses, and spoils one with matchers that it
    does not know; it can change no rule, and deletes it from the default bus.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
    """
    model = request.desired_state
    if isinstance(pattern := model.get("EventPattern"), dict):
        # As a text it is handed on as it is; see `refusals`.
        model["EventPattern"] = json.dumps(pattern)
    for target in model.get("Targets") or ():
        is_fifo = ":sqs:" in target["Arn"] and target["Arn"].endswith(".fifo")
        if is_fifo and not target.get("SqsParameters"):
            # PutTargets answers with it as one that failed, which nobody looks at.
            raise ValueError(
                f"SqsParameters must be specified for target: {target['Id']}."
            )
    return provider.create(request)


def _update_rule(provider: ResourceProvider, request: ResourceRequest) -> ProgressEvent:
    before, model = request.previous_state, request.desired_state
    bus, name = _named(before)
    model["Name"] = name
    event = _put_rule(provider, request)
    kept = {one["Id"] for one in model.get("Targets") or ()}
    gone = {one["Id"] for one in before.get("Targets") or ()} - kept
    if gone:
        request.aws_client_factory.events.remove_targets(
            Rule=name, EventBusName=bus, Ids=sorted(gone)
        )
    return event


def _delete_rule(_: ResourceProvider, request: ResourceRequest) -> ProgressEvent:
    model, events = request.desired_state, request.aws_client_factory.events
    bus, name = _named(model)
    there = events.list_targets_by_rule(Rule=name, EventBusName=bus)["Targets"]
    if there:
        events.remove_targets(
            Rule=name, EventBusName=bus, Ids=[one["Id"] for one in there]
        )
    events.delete_rule(Name=name, EventBusName=bus)
    return done(model)


def _named(model: Model) -> tuple[str, str]:
    """Return a rule's bus and its name, which are its id."""
    bus, _, name = str(model["Id"]).rpartition("|")
    return bus or "default", name


def _permit(provider: ResourceProvider, request: ResourceRequest) -> ProgressEvent:
    """Add a statement to a bus's policy, which LocalStack sets instead of the others.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-eventbuspolicy.html
    """
    model, events = request.desired_state, request.aws_client_factory.events
    bus = model.setdefault("EventBusName", "default")
    before = events.describe_event_bus(Name=bus).get("Policy") or "{}"
    event = provider.create(request)
    added = json.loads(events.describe_event_bus(Name=bus)["Policy"])
    own = {one.get("Sid") for one in added["Statement"]}
    others = json.loads(before).get("Statement", ())
    added["Statement"] += [one for one in others if one.get("Sid") not in own]
    events.put_permission(EventBusName=bus, Policy=json.dumps(added))
    return event


ACTS: Mapping[str, Mapping[str, Act]] = {
    "AWS::Events::EventBusPolicy": {"create": _permit},
    "AWS::Events::Rule": {
        "create": _put_rule,
        "update": _update_rule,
        "delete": _delete_rule,
    },
}
