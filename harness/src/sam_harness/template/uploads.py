"""Stands in for what ``sam package`` uploads, so that a template translates.

SAM refuses local paths; a check of the template needs no real upload.
"""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from sam_harness.errors import HarnessError
from sam_harness.template.document import Document, read
from sam_harness.template.values import value_at

type CodeUris = Mapping[str, str]

_IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/artefacts:placeholder"
# Type -> the property that ``sam package`` replaces by where it uploaded the files.
_URI_PROPERTY = {
    "AWS::Serverless::Api": "DefinitionUri",
    "AWS::Serverless::Application": "Location",
    "AWS::Serverless::Function": "CodeUri",
    "AWS::Serverless::GraphQLApi": "SchemaUri",
    "AWS::Serverless::HttpApi": "DefinitionUri",
    "AWS::Serverless::LayerVersion": "ContentUri",
    "AWS::Serverless::StateMachine": "DefinitionUri",
    "AWS::Lambda::Function": "Code",
    "AWS::Lambda::LayerVersion": "Content",
}
TEMPLATES = {
    "AWS::CloudFormation::Stack": "TemplateURL",
    "AWS::Serverless::Application": "Location",
}
# Type -> the property that may name a local file or directory.
LOCAL_PROPERTIES = (
    _URI_PROPERTY
    | TEMPLATES
    | {
        "AWS::ApiGateway::RestApi": "BodyS3Location",
        "AWS::StepFunctions::StateMachine": "DefinitionS3Location",
    }
)
_APIS = {"AWS::Serverless::Api", "AWS::Serverless::HttpApi"}
_PLAIN = {"AWS::Lambda::Function", "AWS::Lambda::LayerVersion"}


def place(template: dict[str, Any], base: Path, code_uris: CodeUris) -> None:
    """Point every local artefact of ``template`` at S3, in place.

    ``code_uris``: logical id -> "s3://bucket/key"; the others get a placeholder. An
    API's local OpenAPI file becomes its DefinitionBody; see also ``include``.

    Raises:
        HarnessError: ``code_uris`` names a resource that the template has not.
    """
    include(template, base)
    resources = template["Resources"]
    if unknown := sorted(set(code_uris) - set(resources)):
        raise HarnessError(f"no such resource in the template: {', '.join(unknown)}")
    defaults = value_at(template, ("Globals", "Function"))
    shared = defaults if isinstance(defaults, dict) else {}
    for logical_id, resource in resources.items():
        # Malformed resources pass: the translator says what is wrong with them.
        if isinstance(resource, dict) and str(resource.get("Type")) in _URI_PROPERTY:
            properties = resource.setdefault("Properties", {})
            if isinstance(properties, dict):
                if resource["Type"] == "AWS::Serverless::Function":
                    _complete_function(properties, shared)
                _place_one(
                    resource["Type"], properties, base, code_uris.get(logical_id)
                )


def include(value: Any, base: Path) -> None:  # noqa: ANN401 - a template is JSON
    """Put every local file in the place of the ``AWS::Include`` that names it."""
    entries = value.items() if isinstance(value, dict) else ()
    for key, item in [*(enumerate(value) if isinstance(value, list) else entries)]:
        include(item, base)
        match item:
            case {
                "Fn::Transform": {
                    "Name": "AWS::Include",
                    "Parameters": {"Location": str(location)},
                },
                **beside,
            } if (base / location).is_file():
                included: Any = read(base / location)
                if beside and not isinstance(included, dict):
                    raise HarnessError(f"{base / location}: it is no mapping")
                value[key] = {**beside, **included} if beside else included


def has_others(document: Document, uploaded: Collection[str]) -> bool:
    """Tell whether a resource names a local file or directory that is not uploaded yet.

    An API's local OpenAPI file is none of them: see ``place``.
    """
    for logical_id, resource in document["Resources"].items():
        kind = resource.get("Type", "")
        # What SAM builds of a nested template looks like a function's code.
        is_done = kind in _APIS or (logical_id in uploaded and kind not in TEMPLATES)
        value = resource.get("Properties", {}).get(LOCAL_PROPERTIES.get(kind))
        is_named = isinstance(value, str) and not is_done
        if is_named and (document.path.parent / value).exists():
            return True
    return False


def _complete_function(properties: dict[str, Any], shared: dict[str, Any]) -> None:
    """Write out where the code comes from, which Globals or SAM's build may supply."""
    package = properties.get("PackageType", shared.get("PackageType"))
    if package == "Image":
        properties.setdefault("ImageUri", shared.get("ImageUri") or _IMAGE)
        uri = properties["ImageUri"]
        if isinstance(uri, str) and ".dkr.ecr." not in uri:
            properties["ImageUri"] = _IMAGE
    elif "InlineCode" not in properties:
        properties.setdefault("CodeUri", shared.get("CodeUri") or "./")


def _place_one(
    kind: str, properties: dict[str, Any], base: Path, location: str | None
) -> None:
    name = _URI_PROPERTY[kind]
    if location is None and (name not in properties or _is_remote(properties[name])):
        return
    if kind in _APIS and location is None and isinstance(properties[name], str):
        definition = base / properties[name]
        if definition.is_file():
            del properties[name]
            properties["DefinitionBody"] = read(definition)
            return
    uri = location or "s3://artefacts/placeholder"
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    if kind in _PLAIN:
        properties[name] = {"S3Bucket": bucket, "S3Key": key}
    elif kind == "AWS::Serverless::Application":
        properties[name] = f"https://{bucket}.s3.amazonaws.com/{key}"
    elif kind == "AWS::Serverless::GraphQLApi":
        properties[name] = uri
    else:
        properties[name] = {"Bucket": bucket, "Key": key}


def _is_remote(value: object) -> bool:
    """Tell an uploaded artefact from a local path, known or not (``!Sub``)."""
    if isinstance(value, dict):
        return not any(key == "Ref" or key.startswith("Fn::") for key in value)
    return isinstance(value, str) and value.startswith(("s3://", "https://", "http://"))
