"""CloudFormation's functions, permissions, rules and state machines.

What LocalStack drops of them, cannot read, or cannot change.
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
from localstack.services.lambda_.resource_providers.aws_lambda_function import (
    LambdaFunctionProvider,
)
from localstack.services.lambda_.resource_providers.aws_lambda_permission import (
    LambdaPermissionProvider,
)
from localstack.services.lambda_.resource_providers.aws_lambda_url import (
    LambdaUrlProvider,
)
from localstack.services.stepfunctions.resource_providers import (
    aws_stepfunctions_statemachine as state_machine,
)
from localstack.utils.objects import keys_to_lower

from sam_harness.iam.request import text

_ACCOUNT = "SourceAccount"
_RESERVED = "ReservedConcurrentExecutions"


class Function(LambdaFunctionProvider):  # type: ignore[misc] # LocalStack is untyped
    """LocalStack's, whose Lambda keeps to what a function reserves.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
    """

    def create(self, request: ResourceRequest) -> ProgressEvent:
        """Make a function; called again until it is there."""
        return _reserved(request, super().create(request))

    def update(self, request: ResourceRequest) -> ProgressEvent:
        """Change a function and what it reserves."""
        return _reserved(request, super().update(request))


class Permission(LambdaPermissionProvider):  # type: ignore[misc] # as above
    """LocalStack's, of one account only where the template says so.

    SAM says so for every bucket that calls a function.
    """

    def create(self, request: ResourceRequest) -> ProgressEvent:
        """Make a permission."""
        return _limited(request, super().create(request))

    def update(self, request: ResourceRequest) -> ProgressEvent:
        """Change a permission."""
        return _limited(request, super().update(request))


class Url(LambdaUrlProvider):  # type: ignore[misc] # as above
    """LocalStack's, with updates: what the template closes would stay open."""

    def update(self, request: ResourceRequest) -> ProgressEvent:
        """Change who may call it, and how."""
        before, model = request.previous_state, request.desired_state
        qualifier = {"Qualifier": model["Qualifier"]} if "Qualifier" in model else {}
        request.aws_client_factory.lambda_.update_function_url_config(
            FunctionName=model["TargetFunctionArn"],
            **qualifier,
            AuthType=model["AuthType"],
            Cors=model.get("Cors", {}),
            InvokeMode=model.get("InvokeMode", "BUFFERED"),
        )
        made = {name: before[name] for name in ("FunctionArn", "FunctionUrl")}
        return ProgressEvent(
            status=OperationStatus.SUCCESS, resource_model={**model, **made}
        )


def _reserved(request: ResourceRequest, event: ProgressEvent) -> ProgressEvent:
    if event.status != OperationStatus.SUCCESS:
        return event
    client = request.aws_client_factory.lambda_
    name = event.resource_model["FunctionName"]
    if (wanted := request.desired_state.get(_RESERVED)) is not None:
        client.put_function_concurrency(FunctionName=name, **{_RESERVED: int(wanted)})
    elif event.resource_model.pop(_RESERVED, None) is not None:
        client.delete_function_concurrency(FunctionName=name)
    return event


def _limited(request: ResourceRequest, event: ProgressEvent) -> ProgressEvent:
    model = event.resource_model
    if account := request.desired_state.get(_ACCOUNT):
        client = request.aws_client_factory.lambda_
        statement = {"FunctionName": model["FunctionName"], "StatementId": model["Id"]}
        told = {
            name: model[name]
            for name in ("Action", "Principal", "SourceArn")
            if name in model
        }
        client.remove_permission(**statement)
        client.add_permission(**statement, **told, **{_ACCOUNT: str(account)})
    return event


class Rule(EventsRuleProvider):  # type: ignore[misc] # LocalStack is untyped
    """LocalStack's, that hands on patterns, and knows updates and buses.

    LocalStack's mends a pattern that AWS refuses, and spoils one with matchers that it
    does not know; it can change no rule, and deletes it from the default bus.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
    """

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


def _named(model: Mapping[str, Any]) -> tuple[str, str]:
    """Return a rule's bus and its name, which are its id."""
    bus, _, name = str(model["Id"]).rpartition("|")
    return bus or "default", name


class StateMachine(state_machine.StepFunctionsStateMachineProvider):  # type: ignore[misc] # untyped
    """LocalStack's, with tags, and substitutions that are no texts.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachine.html
    """

    def create(self, request: ResourceRequest) -> ProgressEvent:
        """Make a state machine, with its tags."""
        _rewrite(request.desired_state)
        return _tagged(request, super().create(request), {})

    def update(self, request: ResourceRequest) -> ProgressEvent:
        """Change a state machine and its tags."""
        _rewrite(request.desired_state)
        before = _tags(request.previous_state)
        return _tagged(request, super().update(request), before)


def _rewrite(model: dict[str, Any]) -> None:
    """Put in their places what LocalStack can put into a text, or hand on."""
    if logging := model.get("LoggingConfiguration"):
        model["LoggingConfiguration"] = keys_to_lower(logging)
    substitutions = model.get("DefinitionSubstitutions") or {}
    for name, value in list(substitutions.items()):
        substitutions[name] = text(value)


def _tagged(
    request: ResourceRequest, event: ProgressEvent, before: dict[str, str]
) -> ProgressEvent:
    client = request.aws_client_factory.stepfunctions
    arn, wanted = event.resource_model["Arn"], _tags(event.resource_model)
    if gone := sorted(before.keys() - wanted.keys()):
        client.untag_resource(resourceArn=arn, tagKeys=gone)
    if wanted != before:
        tags = [{"key": key, "value": value} for key, value in wanted.items()]
        client.tag_resource(resourceArn=arn, tags=tags)
    return event


def _tags(model: dict[str, list[dict[str, str]]]) -> dict[str, str]:
    return {one["Key"]: one["Value"] for one in model.get("Tags") or ()}


PROVIDERS = {one.TYPE: one() for one in (Function, Permission, Rule, StateMachine, Url)}
