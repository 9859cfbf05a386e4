"""A template with another runtime for its Python functions: `--runtime-instead`."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sam_harness import cache
from sam_harness.packaging import sources
from sam_harness.template.document import Document, load
from sam_harness.template.uploads import LOCAL_PROPERTIES, TEMPLATES, include

type Resource = dict[str, Any]

_SAM = "AWS::Serverless::"
_FUNCTION = f"{_SAM}Function"


def running_on(document: Document, runtime: str, home: Path) -> Path:
    """Return ``document`` with ``runtime`` for every Python function: a file in home.

    What it names on this machine has an absolute path there, or is included; a nested
    template is another such file.

    Raises:
        UsageError: a directory of code is missing; names its line in the document.
    """
    sources.of_template(document)
    data = json.loads(json.dumps(document, default=str))
    base = document.path.parent.resolve()
    include(data, base)
    every = data.get("Globals", {})
    for resource in data["Resources"].values():
        _name_code(resource, every.get("Function", {}))
    for resource in (
        *({"Type": f"{_SAM}{kind}", "Properties": one} for kind, one in every.items()),
        *data["Resources"].values(),
    ):
        _run_on(runtime, resource, data.get("Parameters", {}))
        name = LOCAL_PROPERTIES.get(resource.get("Type", ""), "")
        value = resource["Properties"].get(name)
        if isinstance(value, str) and "://" not in value:
            local = base / value
            if resource["Type"] in TEMPLATES:
                local = running_on(load(local), runtime, home)
            resource["Properties"][name] = str(local)
    text = json.dumps(data, indent=1)

    def make(entry: Path) -> None:
        entry.mkdir()
        (entry / "template.json").write_text(text)

    entry = home / "instead" / cache.key_of(str(document.path), text)
    return cache.made_once(entry, make) / "template.json"


def said_of(document: Document, said: str) -> str:
    """Return what was said of the file that ``running_on`` made, with its own lines."""

    def place(found: re.Match[str]) -> str:
        line = document.position("Resources", found[1]).line
        return f"{document.path}:{line}: {found[1]}:"

    return re.sub(r"\S+/instead/\w+/template\.json:\d+: (\w+):", place, said)


def _name_code(resource: Resource, shared: Mapping[str, Any]) -> None:
    """Say where a function's code is: beside the template, where nothing says it."""
    properties = resource.setdefault("Properties", {})
    is_zip = properties.get("PackageType", shared.get("PackageType")) != "Image"
    if resource.get("Type") == _FUNCTION and is_zip and "InlineCode" not in properties:
        properties.setdefault("CodeUri", shared.get("CodeUri", "."))


def _run_on(runtime: str, resource: Resource, parameters: Mapping[str, Any]) -> None:
    """Give a function its runtime, and a layer what it is built for, in place."""
    properties = resource["Properties"]
    named = properties.get("Runtime")
    if isinstance(named, dict):
        named = parameters.get(str(named.get("Ref")), {}).get("Default")
    if str(named).startswith("python"):
        properties["Runtime"] = runtime
    metadata = resource.get("Metadata", {})
    if str(metadata.get("BuildMethod")).startswith("python"):
        metadata["BuildMethod"] = runtime
