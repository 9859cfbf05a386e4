"""SAM to CloudFormation, and which resource of the source made which."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from samtranslator.model.exceptions import InvalidDocumentException

from harness.errors import HarnessError
from harness.template.artefacts import CodeUris, place
from harness.template.document import Document
from harness.template.translator import translated

SAM = "AWS::Serverless-2016-10-31"
_ORIGIN = "HarnessOrigin"


@dataclass(frozen=True, slots=True)
class Translation:
    """Plain CloudFormation, and which source resource made each of its resources."""

    template: dict[str, Any]
    origins: Mapping[str, str]


def translate(
    source: Document,
    parameters: Mapping[str, str],
    *,
    region: str,
    code_uris: CodeUris,
) -> Translation:
    """Translate SAM resources; a template without the transform passes unchanged.

    Raises:
        HarnessError: SAM rejects the template; one line per problem.

    """
    # Not deepcopy: what YAML aliases share must not change together.
    template = json.loads(json.dumps(dict(source), default=str))
    place(template, source.path.parent, code_uris)
    transforms = template.get("Transform", [])
    if SAM not in (transforms if isinstance(transforms, list) else [transforms]):
        return Translation(template, {name: name for name in template["Resources"]})
    _mark_origins(template)
    try:
        text = translated(json.dumps(template), _differing(source, parameters), region)
    except InvalidDocumentException as error:
        raise HarnessError(_explain(source, error)) from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        # What the translator raises on shapes that it did not foresee.
        message = f"{source.path}: SAM cannot translate it: {error!r}"
        raise HarnessError(message) from error
    plain = json.loads(text)
    origins = _take_origins(plain, source)
    _order_as_written(plain, origins, source)
    return Translation(plain, origins)


def _differing(
    source: Document, parameters: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    """Return the parameters without those that are given the value they have anyway."""
    declared = source.get("Parameters") or {}
    defaults = {name: one.get("Default") for name, one in declared.items()}
    return tuple(
        (name, value)
        for name, value in sorted(parameters.items())
        if defaults.get(name) != value
    )


def _mark_origins(template: dict[str, Any]) -> None:
    """Leave each resource's name in its metadata, which SAM hands on."""
    for logical_id, resource in template["Resources"].items():
        if isinstance(resource, dict):
            metadata = resource.setdefault("Metadata", {})
            if isinstance(metadata, dict):
                metadata[_ORIGIN] = logical_id


def _take_origins(template: dict[str, Any], source: Document) -> dict[str, str]:
    origins = {}
    for logical_id, resource in template["Resources"].items():
        metadata = resource.get("Metadata", {})
        origins[logical_id] = metadata.pop(_ORIGIN, None) or _closest(
            logical_id, source
        )
        if not metadata:
            resource.pop("Metadata", None)
    return origins


def _order_as_written(
    template: dict[str, Any], origins: Mapping[str, str], source: Document
) -> None:
    """Undo the order of a Python 2 dict, which the translator imitates."""
    rank = {name: place for place, name in enumerate(source["Resources"])}
    names = sorted(origins, key=lambda name: rank.get(origins[name], len(rank)))
    template["Resources"] = {name: template["Resources"][name] for name in names}


def _closest(logical_id: str, source: Document) -> str:
    """Return the resource whose name starts ``logical_id``; else ``logical_id``.

    For what SAM makes of several resources at once: implicit APIs, CodeDeploy.
    """
    names = [name for name in source["Resources"] if logical_id.startswith(name)]
    return max(names, key=len, default=logical_id)


def _explain(source: Document, error: InvalidDocumentException) -> str:
    lines = []
    for cause in error.causes:
        text = " ".join(cause.message.split())
        named = re.search(r"id \[(\w+)\]", text)
        path = ("Resources", named[1]) if named else ()
        line, column = source.position(*path)
        lines.append(f"{source.path}:{line}:{column}: {text}")
    return "\n".join(sorted(lines))
