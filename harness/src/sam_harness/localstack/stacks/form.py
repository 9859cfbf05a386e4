"""What CloudFormation has against the form of a template, whatever its values are.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sam_harness.localstack.stacks.template import functions, referred, rewritten

_SECTION = re.compile(
    "AWSTemplateFormatVersion|Description|Metadata|Parameters|Rules|Mappings|Conditions"
    "|Hooks|Transform|Globals|Resources|Outputs"
)
# The last ones are those of SAM's resources.
_ATTRIBUTE = re.compile(
    "Type|Properties|DependsOn|Condition|Metadata|(Creation|Deletion|Update"
    "(Replace)?)Policy|Fn::.*|Connectors|IgnoreGlobals"
)
_CUSTOM = ("Custom::", "AWS::CloudFormation::CustomResource")
_FUNCTION = re.compile(
    "Base64|Cidr|FindInMap|GetAtt|GetAZs|If|ImportValue|Join|Select|Split|Sub|Transform"
    "|And|Equals|Not|Or"
)
_EXTENDED = re.compile("ForEach::.*|Length|ToJsonString")
_KEPT = re.compile("Delete|Retain|RetainExceptOnCreate")
_WITH_SNAPSHOTS = re.compile(
    "AWS::(EC2::Volume|ElastiCache|Neptune|RDS|Redshift|DocDB)"
)

_OF_IAM = re.compile(
    "AWS::IAM::(AccessKey|Group|InstanceProfile|ManagedPolicy|Policy|Role|User"
    "|UserToGroupAddition)"
)


def lacking(resources: Mapping[str, Any], granted: Collection[str]) -> str:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html."""
    needed = ""
    for one in resources.values():
        kind = isinstance(one, Mapping) and _OF_IAM.fullmatch(str(one.get("Type")))
        name = f"{kind[1]}Name" if kind else ""
        if name and name != "PolicyName" and name in (one.get("Properties") or {}):
            needed = "CAPABILITY_NAMED_IAM"
        elif name:
            needed = needed or "CAPABILITY_IAM"
    is_granted = {needed, "CAPABILITY_NAMED_IAM"} & {"", *granted}
    return "" if is_granted else f"Requires capabilities : [{needed}]"


def problems(template: Mapping[str, Any]) -> Iterator[str]:
    """Yield one line for each thing that the template may not have, or must."""
    extended = "AWS::LanguageExtensions" in str(template.get("Transform"))
    resources = template.get("Resources") or {}
    if not resources:
        yield "At least one Resources member must be defined."
    if unknown := [name for name in template if not _SECTION.fullmatch(name)]:
        yield f"Invalid template property or properties [{', '.join(unknown)}]"
    for name, one in resources.items():
        if isinstance(one, Mapping) and not name.startswith("Fn::"):
            yield from _of_resource(name, one)
    if found := sorted({*referred(template.get("Conditions"))} & resources.keys()):
        yield f"Conditions cannot reference resources: {', '.join(found)}"
    outputs = template.get("Outputs")
    repeated = [one for name, one in resources.items() if name.startswith("Fn::")]
    # LocalStack leaves them as they are, or repeats something else.
    for name, _ in functions([repeated, template.get("Conditions"), outputs]):
        if name.startswith("ForEach"):
            yield f"Fn::{name} can be had here in Resources and not in another one only"
    yield from _unsupported([resources, outputs], extended=extended)


def _unsupported(value: object, *, extended: bool) -> Iterator[str]:
    for name, _ in functions(value):
        if not _FUNCTION.fullmatch(name) and not (
            extended and _EXTENDED.fullmatch(name)
        ):
            yield f"Encountered unsupported function: Fn::{name}"


def _of_resource(name: str, resource: Mapping[str, Any]) -> Iterator[str]:
    own = {"Version"} if str(resource.get("Type")).startswith(_CUSTOM) else set()
    for attribute, value in resource.items():
        if not (_ATTRIBUTE.fullmatch(attribute) or attribute in own):
            yield f"Invalid template resource property '{attribute}' of {name}"
        is_policy = attribute in {"DeletionPolicy", "UpdateReplacePolicy"}
        if is_policy and isinstance(value, str) and not _KEPT.fullmatch(value):
            kind = str(resource.get("Type"))
            if value != "Snapshot" or not _WITH_SNAPSHOTS.match(kind):
                yield f"{name}: {kind} does not support {attribute} {value}"


def no_texts(outputs: list[Any], template: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each output that is left out, a list or an object.

    LocalStack writes them as Python does.
    """
    for one in outputs:
        key, value = one["OutputKey"], str(one["OutputValue"])
        is_nothing = value == "Nothing" and value not in str(template["Outputs"])
        if is_nothing or value.startswith(("['", "{'")):
            yield f"Output {key} is {value}: it must evaluate to a String"


def unresolved(
    resources: Mapping[str, Any], made: Collection[str]
) -> Iterator[tuple[str, str, str]]:
    """Yield id, type and reason of what was made and refers to what a condition left.

    LocalStack leaves the property out. What Fn::If chooses from may not be chosen.
    """
    left = {name for name, one in resources.items() if "Condition" in one} - {*made}
    for name in resources.keys() & {*made} if left else ():
        asked = rewritten(resources[name].get("Properties"), _unless_chosen)
        if absent := ", ".join(sorted({*referred(asked)} & left)):
            said = f"Unresolved resource dependencies [{absent}] in the Resources block"
            yield name, str(resources[name]["Type"]), said


def _unless_chosen(value: Any) -> Any:  # noqa: ANN401 - JSON
    return None if isinstance(value, dict) and "Fn::If" in value else value
