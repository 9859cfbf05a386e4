"""CloudFormation's state machines.

What LocalStack cannot read of them, drops, or cannot change.
"""

import json
import re
from collections.abc import Mapping

from localstack.services.cloudformation.resource_provider import (
    ProgressEvent,
    ResourceProvider,
    ResourceRequest,
)
from localstack.utils.json import parse_json_or_yaml
from localstack.utils.objects import keys_to_lower

from sam_harness.iam.request import text
from sam_harness.localstack.corrections.resources import (
    Act,
    Model,
    around,
    done,
    tags_of,
)

_DEFINITIONS = ("DefinitionString", "DefinitionS3Location", "Definition")


def _rewrite(request: ResourceRequest) -> None:
    model = request.desired_state
    if logging := model.get("LoggingConfiguration"):
        model["LoggingConfiguration"] = keys_to_lower(logging)
    model["DefinitionString"] = _definition(request)
    model.pop("DefinitionSubstitutions", None)


def _definition(request: ResourceRequest) -> str:
    """Return a definition with its values in place, as Step Functions gets it.

    LocalStack reads no YAML, puts no value in the place of a name with a hyphen, and
    ends at a name that has no value: that is left as it is, and a value is not.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachine.html
    https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-stepfunctions

    Raises:
        ValueError: there is none, or there are several.
    """
    model = request.desired_state
    told = [model[name] for name in _DEFINITIONS if name in model]
    if len(told) != 1:
        raise ValueError(
            f"Property validation failed. Please use one of {_DEFINITIONS}"
        )
    [said] = told
    if is_file := "DefinitionS3Location" in model:
        version = {"VersionId": said["Version"]} if "Version" in said else {}
        got = request.aws_client_factory.s3.get_object(
            Bucket=said["Bucket"], Key=said["Key"], **version
        )
        said = got["Body"].read().decode()
    elif not isinstance(said, str):
        said = json.dumps(said)
    values = model.get("DefinitionSubstitutions") or {}
    values = {f"${{{name}}}": text(value) for name, value in values.items()}
    for _ in values:  # a value may name another
        names = "|".join(map(re.escape, values))
        said = re.sub(names, lambda found: values[found[0]], said)
    return json.dumps(parse_json_or_yaml(said)) if is_file else said


def _update(_: ResourceProvider, request: ResourceRequest) -> ProgressEvent:
    """Change all that can be changed: LocalStack leaves the role and the log as is."""
    _rewrite(request)
    before = request.previous_state
    model = {**request.desired_state, "Arn": before["Arn"], "Name": before["Name"]}
    request.aws_client_factory.stepfunctions.update_state_machine(
        stateMachineArn=model["Arn"],
        definition=model["DefinitionString"],
        roleArn=model["RoleArn"],
        loggingConfiguration=model.get("LoggingConfiguration") or {"level": "OFF"},
    )
    _tag(request, model)
    return done(model)


def _tag(request: ResourceRequest, model: Model) -> None:
    # SAM gives every state machine one.
    client = request.aws_client_factory.stepfunctions
    before, wanted = tags_of(request.previous_state or {}), tags_of(model)
    if gone := sorted(before.keys() - wanted.keys()):
        client.untag_resource(resourceArn=model["Arn"], tagKeys=gone)
    if wanted != before:
        tags = [{"key": key, "value": value} for key, value in wanted.items()]
        client.tag_resource(resourceArn=model["Arn"], tags=tags)


ACTS: Mapping[str, Mapping[str, Act]] = {
    "AWS::StepFunctions::StateMachine": {
        "update": _update,
        **around("create", prepare=_rewrite, finish=_tag),
    }
}
