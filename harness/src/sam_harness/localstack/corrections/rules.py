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
from localstack.services.events.event_rule_engine import EventPatternCompiler
from localstack.services.events.resource_providers.aws_events_rule import (
    EventsRuleProvider,
)

_INPUTS = ("Input", "InputPath", "InputTransformer")
# What TestEventPattern asks.
_compiler = EventPatternCompiler()


class Rule(EventsRuleProvider):  # type: ignore[misc] # LocalStack is untyped
    """LocalStack's, corrected."""

    def create(self, request: ResourceRequest) -> ProgressEvent:
        """Make a rule, or change the one of this name.

        Raises:
            InvalidEventPatternException: EventBridge would refuse the pattern, which
                LocalStack reads at each event, and then loses it.
            ValueError: EventBridge would refuse a target.

        """
        model = request.desired_state
        if pattern := model.get("EventPattern"):
            # As a text it is handed on as it is.
            model["EventPattern"] = json.dumps(_compiler.compile_event_pattern(pattern))
        for problem in map(_problem, model.get("Targets") or ()):
            if problem:
                raise ValueError(problem)
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


def _problem(target: Mapping[str, Any]) -> str | None:
    """Return why EventBridge would refuse a target.

    https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Target.html
    """
    if sum(name in target for name in _INPUTS) > 1:
        return (
            "Only one of Input, InputPath, or InputTransformer must be provided for "
            f"target {target['Id']}."
        )
    if ":states:" in target["Arn"] and not target.get("RoleArn"):
        return f"RoleArn is required for target {target['Arn']}."
    try:
        json.loads(target.get("Input", "{}"))
    except ValueError:
        return f"JSON syntax error in input for target {target['Id']}"
    return None
