"""A template whose Python functions run on another runtime than it names."""

import json
from pathlib import Path
from typing import Any

from sam_harness.template.document import Document
from sam_harness.template.uploads import LOCAL_PROPERTIES

_FUNCTION = "AWS::Serverless::Function"


def running_on(document: Document, runtime: str) -> Document:
    """Return ``document`` with ``runtime`` for every Python function.

    Whatever it names that is on this machine has an absolute path then: what SAM
    builds is written elsewhere.
    """
    data = json.loads(json.dumps(dict(document), default=str))
    parameters = data.get("Parameters", {})
    shared = data.get("Globals", {}).get("Function", {})
    for resource in (
        {"Type": _FUNCTION, "Properties": shared},
        *data["Resources"].values(),
    ):
        properties = resource.get("Properties", {})
        named = properties.get("Runtime")
        if isinstance(named, dict):
            named = parameters.get(named.get("Ref"), {}).get("Default")
        if str(named).startswith("python"):
            properties["Runtime"] = runtime
        metadata = resource.get("Metadata", {})
        if str(metadata.get("BuildMethod")).startswith("python"):
            metadata["BuildMethod"] = runtime
        _make_absolute(resource, document.path.parent.resolve())
    return document.changed(data)


def _make_absolute(resource: dict[str, Any], base: Path) -> None:
    properties = resource.get("Properties", {})
    name = LOCAL_PROPERTIES.get(resource.get("Type", ""), "")
    value = properties.get(name)
    if isinstance(value, str) and (base / value).exists():
        properties[name] = str(base / value)
