"""CloudFormation's state machines: what LocalStack drops or cannot read of them.

SAM gives every state machine a tag. A substitution may be a number or a boolean, too:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachine.html
"""

import json
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
from sam_harness.localstack.corrections import state_machine_rules


class StateMachine(state_machine.StepFunctionsStateMachineProvider):  # type: ignore[misc] # untyped
    """LocalStack's, corrected."""

    def create(self, request: ResourceRequest) -> ProgressEvent:
        """Make a state machine, with its tags."""
        _prepare(request)
        return _tagged(request, super().create(request), {})

    def update(self, request: ResourceRequest) -> ProgressEvent:
        """Change a state machine and its tags."""
        _prepare(request)
        before = _tags(request.previous_state)
        return _tagged(request, super().update(request), before)


PROVIDERS = {StateMachine.TYPE: StateMachine()}


def _prepare(request: ResourceRequest) -> None:
    model = request.desired_state
    _rewrite(model)
    said = _definition(request, model)
    for problem in state_machine_rules.problems(said) if said else ():
        raise ValueError(f"Invalid State Machine Definition: '{problem}'")


def _definition(request: ResourceRequest, model: dict[str, Any]) -> dict[str, Any]:
    """Return what is to run, as LocalStack will look it up; none if that is no JSON."""
    if place := model.get("DefinitionS3Location"):
        client = request.aws_client_factory.s3
        found = client.get_object(Bucket=place["Bucket"], Key=place["Key"])
        said = found["Body"].read().decode()
    else:
        said = model.get("DefinitionString") or json.dumps(model.get("Definition"))
    for name, value in (model.get("DefinitionSubstitutions") or {}).items():
        said = said.replace(f"${{{name}}}", value)
    try:
        return dict(json.loads(said))
    except (TypeError, ValueError):  # LocalStack says so
        return {}


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
