"""CloudFormation's rules of EventBridge: their patterns, updates and buses.

LocalStack mends a pattern that AWS refuses, and spoils one with matchers that it does
not know; it can change no rule, and deletes it from the default bus, wherever it is.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
"""

import json
from collections.abc import Mapping
from typing import Any

from localstack.services.cloudformation.resource_provider import (
    OperationStatus,
    ProgressEvent,
    ResourceRequest,
)
from localstack.services.events.resource_providers.aws_events_rule import (
    EventsRuleProvider,
)


class Rule(EventsRuleProvider):  # type: ignore[misc] # LocalStack is untyped
    """LocalStack's, corrected."""

    def create(self, request: ResourceRequest) -> ProgressEvent:
        """Make a rule, or change the one of this name."""
        model = request.desired_state
        if isinstance(pattern := model.get("EventPattern"), dict):
            # As a text it is handed on as it is; see `refusals`.
            model["EventPattern"] = json.dumps(pattern)
        return super().create(request)

    def update(self, request: ResourceRequest) -> ProgressEvent:
        """Change a rule and its targets."""
        before, model = request.previous_state, request.desired_state
        bus, name = _named(before)
        model["Name"] = name
        event = self.create(request)
        kept = {one["Id"] for one in model.get("Targets") or ()}
        gone = {one["Id"] for one in before.get("Targets") or ()} - kept
        if gone:
            request.aws_client_factory.events.remove_targets(
                Rule=name, EventBusName=bus, Ids=sorted(gone)
            )
        return event

    def delete(self, request: ResourceRequest) -> ProgressEvent:
        """Delete a rule from its own bus."""
        model, events = request.desired_state, request.aws_client_factory.events
        bus, name = _named(model)
        there = events.list_targets_by_rule(Rule=name, EventBusName=bus)["Targets"]
        if there:
            events.remove_targets(
                Rule=name, EventBusName=bus, Ids=[one["Id"] for one in there]
            )
        events.delete_rule(Name=name, EventBusName=bus)
        return ProgressEvent(status=OperationStatus.SUCCESS, resource_model=model)


PROVIDERS = {Rule.TYPE: Rule()}


def _named(model: Mapping[str, Any]) -> tuple[str, str]:
    """Return a rule's bus and its name, which are its id."""
    bus, _, name = str(model["Id"]).rpartition("|")
    return bus or "default", name
