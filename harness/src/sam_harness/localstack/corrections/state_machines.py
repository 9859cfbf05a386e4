"""CloudFormation's state machines: their tags, which LocalStack drops.

SAM gives every state machine one. A substitution may be a number or a boolean, too:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachine.html
"""

from typing import Any

from localstack.services.cloudformation.resource_provider import (
    ProgressEvent,
    ResourceRequest,
)
from localstack.services.stepfunctions.resource_providers import (
    aws_stepfunctions_statemachine as state_machine,
)


class StateMachine(state_machine.StepFunctionsStateMachineProvider):  # type: ignore[misc] # untyped
    """LocalStack's, corrected."""

    def create(self, request: ResourceRequest) -> ProgressEvent:
        """Make a state machine, with its tags."""
        _write_substitutions(request.desired_state)
        return _tagged(request, super().create(request), {})

    def update(self, request: ResourceRequest) -> ProgressEvent:
        """Change a state machine and its tags."""
        _write_substitutions(request.desired_state)
        before = _tags(request.previous_state)
        return _tagged(request, super().update(request), before)


PROVIDERS = {StateMachine.TYPE: StateMachine()}


def _write_substitutions(model: dict[str, Any]) -> None:
    """Put texts in the place of what LocalStack can only put into a text."""
    substitutions = model.get("DefinitionSubstitutions") or {}
    for name, value in list(substitutions.items()):
        told = str(value).lower() if isinstance(value, bool) else str(value)
        substitutions[name] = told


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
