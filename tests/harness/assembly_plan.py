"""What an artefact without ``sam build`` would be put together from.

Only what is plainly a Python function with its code beside it is planned; the rest is
left to SAM.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from harness import api_data, dependencies, sam_build, sources
from harness.dependencies import Wanted
from harness.sources import Code
from harness.template.document import Document

# SAM builds these too, each in a way of its own.
_BUILT_OTHERWISE = {
    "AWS::CloudFormation::Stack",
    "AWS::Lambda::Function",
    "AWS::Lambda::LayerVersion",
    "AWS::Serverless::Application",
    "AWS::Serverless::LayerVersion",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A function, its own files, and what its dependencies are kept by."""

    code: Code
    files: Sequence[PurePath]
    dependencies: str

    @property
    def content(self) -> tuple[Path, str]:
        """What two functions with equal code have in common."""
        return self.code.directory, self.dependencies


def plan(document: Document, codes: Sequence[Code]) -> list[Part] | None:
    """Return what each function is put together from; None: this is left to SAM."""
    resources = document["Resources"].values()
    if any(resource.get("Type") in _BUILT_OTHERWISE for resource in resources):
        return None
    if sam_build.settings(document.path):
        return None
    parts = []
    for code in codes:
        wanted = _wanted(document, code.logical_id)
        outside = code.uri.startswith("/") or ".." in PurePath(code.uri).parts
        key = wanted and not outside and dependencies.key_of(code.directory, wanted)
        if not key:
            return None
        parts.append(Part(code, sources.files(code.directory), key))
    return parts


def _wanted(document: Document, logical_id: str) -> Wanted | None:
    resource = document["Resources"][logical_id]
    shared = document.get("Globals", {}).get("Function", {})
    settings: Mapping[str, Any] = shared | resource.get("Properties", {})
    runtime = _by_default(document, settings.get("Runtime"))
    listed = settings.get("Architectures", ["x86_64"])
    architectures = (
        [_by_default(document, each) for each in listed]
        if isinstance(listed, list)
        else None
    )
    is_plain = (
        isinstance(runtime, str)
        and runtime.startswith("python")
        and architectures is not None
        and all(isinstance(each, str) for each in architectures)
        and settings.get("PackageType", "Zip") == "Zip"
        and "InlineCode" not in settings
        and not any(name.startswith("Build") for name in resource.get("Metadata", {}))
    )
    if not is_plain:
        return None
    services = document.get("Metadata", {}).get("Harness", {})
    return Wanted(
        str(runtime),
        ",".join(map(str, architectures or [])),
        api_data.calls_of(services.get("BotocoreServices", [])),
    )


def _by_default(document: Document, value: object) -> object:
    """Return what ``sam build`` takes a reference to a parameter for: its default."""
    match value:
        case {"Ref": str(name)}:
            return document.get("Parameters", {}).get(name, {}).get("Default")
    return value
