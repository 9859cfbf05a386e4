"""A template whose Python functions run on another runtime than it names."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sam_harness.template.document import Document
from sam_harness.template.uploads import LOCAL_PROPERTIES

_FUNCTIONS = {"AWS::Lambda::Function", "AWS::Serverless::Function"}


def running_on(document: Document, runtime: str) -> Document:
    """Return ``document`` with ``runtime`` for every Python function.

    Whatever it names that is on this machine has an absolute path then: what SAM
    builds is written elsewhere.
    """
    data = json.loads(json.dumps(dict(document), default=str))
    parameters = data.get("Parameters", {})
    for settings in _settings(data):
        named = settings.get("Runtime")
        if isinstance(named, dict):
            named = parameters.get(named.get("Ref"), {}).get("Default")
        if str(named).startswith("python"):
            settings["Runtime"] = runtime
    for resource in data["Resources"].values():
        metadata = resource.get("Metadata", {})
        if str(metadata.get("BuildMethod")).startswith("python"):
            metadata["BuildMethod"] = runtime
        _make_absolute(resource, document.path.parent.resolve())
    shared = data.get("Globals", {}).get("Function", {})
    _make_absolute({"Type": "AWS::Serverless::Function", "Properties": shared},
                   document.path.parent.resolve())  # fmt: skip
    return document.changed(data)


def _settings(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield data.get("Globals", {}).get("Function", {})
    for resource in data["Resources"].values():
        if resource.get("Type") in _FUNCTIONS:
            yield resource.get("Properties", {})


def _make_absolute(resource: dict[str, Any], base: Path) -> None:
    properties = resource.get("Properties", {})
    name = LOCAL_PROPERTIES.get(resource.get("Type", ""), "")
    value = properties.get(name)
    if isinstance(value, str) and (base / value).exists():
        properties[name] = str(base / value)
