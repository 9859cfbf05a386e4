"""CloudFormation's state machines: what LocalStack drops or cannot read of them.

SAM gives every state machine a tag. A substitution may be a number or a boolean, too:
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
from localstack.utils.objects import keys_to_lower

from sam_harness.iam.request import text


class StateMachine(state_machine.StepFunctionsStateMachineProvider):  # type: ignore[misc] # untyped
    """LocalStack's, corrected."""

    def create(self, request: ResourceRequest) -> ProgressEvent:
        """Make a state machine, with its tags."""
        _rewrite(request.desired_state)
        return _tagged(request, super().create(request), {})

    def update(self, request: ResourceRequest) -> ProgressEvent:
        """Change a state machine and its tags."""
        _rewrite(request.desired_state)
        before = _tags(request.previous_state)
        return _tagged(request, super().update(request), before)


PROVIDERS = {StateMachine.TYPE: StateMachine()}


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
