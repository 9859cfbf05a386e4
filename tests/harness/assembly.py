"""An artefact without ``sam build``: kept dependencies, kept template, today's code.

SAM's build of a Python function is its installed dependencies with its code copied
over them. Where nothing else has changed since an earlier build, putting those
together again gives the same bytes in a tenth of the time; a test compares them.
Whatever is not plainly of this kind is left to SAM.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from harness import api_data, bytecode, dependencies, sam_build, sources
from harness.dependencies import Wanted
from harness.environments import CACHE, LOCKS
from harness.sources import Code
from harness.template.document import Document

TEMPLATES = CACHE / "templates"
# Beside the functions: logical id -> the files of its own, the key of the others.
PARTS = ".parts.json"
KEPT = 20  # built templates left in the cache; older ones are removed
_FUNCTION = "AWS::Serverless::Function"
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


def is_possible(parts: Sequence[Part]) -> bool:
    """Tell whether the dependencies are kept, and no file of the code hides one."""
    return all(
        (kept := dependencies.kept(part.dependencies))
        and not any((kept / file).exists() for file in part.files)
        for part in {part.content: part for part in parts}.values()
    )


def assemble(template: Path, parts: Sequence[Part], build_dir: Path) -> None:
    """Put the artefact together in ``build_dir``, finished.

    Raises:
        HarnessError: a module does not compile, or SAM rejects the template.

    """
    _write_template(template, [part.code.uri for part in parts], build_dir)
    first: dict[tuple[Path, str], Path] = {}
    for part in parts:
        function = build_dir / part.code.logical_id
        twin = first.setdefault(part.content, function)
        base = dependencies.directory(part.dependencies) if twin is function else twin
        _link_tree(base, function)
        if twin is function:
            _copy(part, function)
            bytecode.compile_files(function, part.files, part.code.directory)


def learn(template: Path, parts: Sequence[Part], build_dir: Path) -> None:
    """Keep of what SAM has built, and finished, what later ones are made from."""
    if not parts or not all(
        dependencies.keep(
            part.dependencies, build_dir / part.code.logical_id, part.files
        )
        for part in parts
    ):
        return
    note(template, parts, build_dir)


def is_built(template: Path) -> bool:
    """Tell whether SAM has built this template; elsewhere counts if it names no files.

    Its built form names them relative to itself.
    """
    return _kept_template(template) is not None


def note(template: Path, parts: Sequence[Part], build_dir: Path) -> None:
    """Keep the built template, and beside the functions what they were made from."""
    if not is_built(template):
        _keep_template(template, build_dir)
    _note(parts, build_dir)


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


def _link_tree(source: Path | str, target: Path | str) -> None:
    """Make hard links of thousands of files; shutil.copytree takes twice the time."""
    os.makedirs(target)  # noqa: PTH103 - as strings throughout, for the same reason
    for entry in os.scandir(source):
        place = f"{target}/{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            _link_tree(entry.path, place)
        else:
            os.link(entry.path, place, follow_symlinks=False)


def _copy(part: Part, function: Path) -> None:
    for file in part.files:
        place = function / file
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(part.code.directory / file, place)


def _write_template(template: Path, code_uris: Sequence[str], build_dir: Path) -> None:
    if kept := _kept_template(template):
        build_dir.mkdir(parents=True)
        shutil.copyfile(kept, build_dir / sam_build.BUILT_TEMPLATE)
    else:
        sam_build.template_only(template, build_dir, code_uris)


def _keep_template(template: Path, build_dir: Path) -> None:
    TEMPLATES.mkdir(parents=True, exist_ok=True)
    scratch = TEMPLATES / f".{os.getpid()}.tmp"
    shutil.copyfile(build_dir / sam_build.BUILT_TEMPLATE, scratch)
    key = _template_key(template, place=_names_files(scratch, template))
    scratch.replace(TEMPLATES / key)
    by_age = sorted(TEMPLATES.glob("[!.]*"), key=lambda path: path.stat().st_mtime)
    for path in by_age[:-KEPT]:
        path.unlink(missing_ok=True)


def _kept_template(template: Path) -> Path | None:
    keys = [_template_key(template, place=place) for place in (False, True)]
    return next((TEMPLATES / key for key in keys if (TEMPLATES / key).exists()), None)


def _names_files(built: Path, template: Path) -> bool:
    """Tell whether a built template may name files by where the template is."""
    text = built.read_text()
    return "../" in text or str(template.resolve().parent) in text


def _template_key(template: Path, *, place: bool) -> str:
    facts = [template.read_bytes(), (LOCKS / "sam.txt").read_bytes()]
    if place:
        facts.append(str(template.resolve()).encode())
    return hashlib.sha256(b"\0".join(facts)).hexdigest()[:16]


def _note(parts: Sequence[Part], build_dir: Path) -> None:
    noted = {
        part.code.logical_id: {
            "files": [str(file) for file in part.files],
            "dependencies": part.dependencies,
        }
        for part in parts
    }
    (build_dir / PARTS).write_text(json.dumps(noted))
