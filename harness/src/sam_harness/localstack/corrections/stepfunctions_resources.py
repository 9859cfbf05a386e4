"""CloudFormation's state machines: what LocalStack cannot read, drops, or leaves."""

import json
import re
from collections.abc import Mapping

from localstack.services.cloudformation.resource_provider import ResourceRequest
from localstack.utils.json import parse_json_or_yaml
from localstack.utils.objects import keys_to_lower

from sam_harness.iam.request import text
from sam_harness.localstack.corrections.cloudformation_resources import (
    Act,
    Model,
    around,
    tags_of,
)

_DEFINITIONS = ("DefinitionString", "DefinitionS3Location", "Definition")


def _rewrite(request: ResourceRequest) -> None:
    model, before = request.desired_state, request.previous_state
    logging = model.get("LoggingConfiguration") or {"level": "OFF"}
    model["LoggingConfiguration"] = keys_to_lower(logging)
    model["DefinitionString"] = said = _definition(request)
    model.pop("DefinitionSubstitutions", None)
    if before:  # with the role, which LocalStack leaves as it is
        request.aws_client_factory.stepfunctions.update_state_machine(
            stateMachineArn=before["Arn"],
            definition=said,
            roleArn=model["RoleArn"],
            loggingConfiguration=model["LoggingConfiguration"],
        )


def _definition(request: ResourceRequest) -> str:
    """Return a definition with its values in place; a name without one stays as it is.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachine.html
    https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-stepfunctions
    """
    model = request.desired_state
    said, *more = [model[name] for name in _DEFINITIONS if name in model] or [""]
    if more or not said:
        raise ValueError(f"Property validation failed. Use one of {_DEFINITIONS}")
    if is_file := "DefinitionS3Location" in model:
        s3 = request.aws_client_factory.s3
        got = s3.get_object(Bucket=said["Bucket"], Key=said["Key"])
        said = got["Body"].read().decode()
    elif not isinstance(said, str):
        said = json.dumps(said)
    values = (model.get("DefinitionSubstitutions") or {}).items()
    put = {f"${{{name}}}": text(value) for name, value in values}
    for _ in put:  # a value may name another
        said = re.sub("|".join(map(re.escape, put)), lambda one: put[one[0]], said)
    return json.dumps(parse_json_or_yaml(said)) if is_file else said


def _tag(request: ResourceRequest, model: Model) -> None:
    # SAM gives every state machine one.
    client = request.aws_client_factory.stepfunctions
    before, wanted = tags_of(request.previous_state or {}), tags_of(model)
    if gone := sorted(before.keys() - wanted.keys()):
        client.untag_resource(resourceArn=model["Arn"], tagKeys=gone)
    if wanted != before:
        tags = [{"key": key, "value": value} for key, value in wanted.items()]
        client.tag_resource(resourceArn=model["Arn"], tags=tags)


_ACT = around("create", "update", prepare=_rewrite, finish=_tag)
ACTS: Mapping[str, Mapping[str, Act]] = {"AWS::StepFunctions::StateMachine": _ACT}
