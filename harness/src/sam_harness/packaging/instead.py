"""A template whose Python functions run on another runtime than it names."""

import json
from pathlib import Path

from sam_harness import cache
from sam_harness.packaging import sources
from sam_harness.template.document import Document
from sam_harness.template.uploads import LOCAL_PROPERTIES

_FUNCTION = "AWS::Serverless::Function"


def running_on(document: Document, runtime: str, home: Path) -> Path:
    """Return ``document`` with ``runtime`` for every Python function: a file in home.

    What it names on this machine has an absolute path there.

    Raises:
        UsageError: a directory of code is missing; names its line in the document.

    """
    sources.of_template(document)
    data = json.loads(json.dumps(dict(document), default=str))
    shared = data.get("Globals", {}).get("Function", {})
    base = document.path.parent.resolve()
    for resource in (
        {"Type": _FUNCTION, "Properties": shared},
        *data["Resources"].values(),
    ):
        properties = resource.setdefault("Properties", {})
        named = properties.get("Runtime")
        if isinstance(named, dict):
            named = data.get("Parameters", {}).get(named.get("Ref"), {}).get("Default")
        if str(named).startswith("python"):
            properties["Runtime"] = runtime
        metadata = resource.get("Metadata", {})
        if str(metadata.get("BuildMethod")).startswith("python"):
            metadata["BuildMethod"] = runtime
        if resource.get("Type") == _FUNCTION and "InlineCode" not in properties:
            properties.setdefault("CodeUri", shared.get("CodeUri", "."))
        name = LOCAL_PROPERTIES.get(resource.get("Type", ""), "")
        value = properties.get(name)
        if isinstance(value, str) and "://" not in value:
            properties[name] = str(base / value)
    text = json.dumps(data, indent=1)
    entry = home / "instead" / cache.key_of(str(document.path), text)
    return cache.made_once(entry, lambda to: _write(to, text)) / "template.json"


def _write(entry: Path, text: str) -> None:
    entry.mkdir()
    (entry / "template.json").write_text(text)
