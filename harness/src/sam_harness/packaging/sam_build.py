"""``sam build``, from SAM's own locked environment, and what is kept of its results.

SAM's build of a Python function is its installed dependencies with its code copied over
them. Where a manifest decides to the byte what is installed (every requirement has a
hash), SAM is shown the manifest without the code, and its result serves every later
build with the same manifest.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

import yaml

from sam_harness import cache
from sam_harness.environments import LOCKS, python_of
from sam_harness.errors import HarnessError
from sam_harness.packaging import sources, trim
from sam_harness.packaging.sources import Code
from sam_harness.template.document import Document

MANIFEST = "requirements.txt"
BUILT_TEMPLATE = "template.yaml"
_SECTIONS = ("build", "global")
_READERS: Mapping[str, Callable[[str], Any]] = {
    "samconfig.toml": tomllib.loads,
    "samconfig.yaml": yaml.safe_load,
    "samconfig.yml": yaml.safe_load,
}
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
    """A function, its own files, and where its finished dependencies are kept."""

    code: Code
    files: Sequence[PurePath]
    kept: Path

    @property
    def dependencies(self) -> Path:
        """The directory that the function's own files are copied over."""
        return self.kept / "code"


def settings(template: Path) -> dict[str, Any]:
    """Return what configuration files beside a template have ``sam build`` do.

    Raises:
        HarnessError: a file is broken; ``sam build`` would fail, too.
    """
    found: dict[str, Any] = {}
    for name, read in _READERS.items():
        file = template.resolve().with_name(name)
        if not file.exists():
            continue
        try:
            default = (read(file.read_text()) or {}).get("default", {})
        except (ValueError, AttributeError, yaml.YAMLError) as error:
            raise HarnessError(f"{file}: {error}") from error
        read_by_build = {key: default[key] for key in _SECTIONS if key in default}
        if read_by_build:
            found[name] = read_by_build
    return found


def sam(
    command: str,
    template: Path,
    *options: str | Path,
    cwd: Path,
    env: Mapping[str, str] | None = None,
) -> None:
    """Run a command of SAM's on a template; ``env``: variables besides this process's.

    Raises:
        HarnessError: it failed; holds SAM's own words.
    """
    python = python_of("sam")
    # SAM looks for python3.13 and its pip on the path.
    path = f"{python.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    done = subprocess.run(
        [python.with_name("sam"), command, "--template-file", template, *options],
        env={**os.environ, "SAM_CLI_TELEMETRY": "0", "PATH": path, **(env or {})},
        cwd=cwd, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        said = done.stderr.strip() or done.stdout.strip()
        raise HarnessError(f"sam {command} of {template} failed:\n{said}")


def run(template: Path, build_dir: Path, *options: str | Path) -> None:
    """Build ``template`` into ``build_dir``; raises as ``sam`` does."""
    whole = template.resolve()
    sam("build", whole, "--build-dir", build_dir, *options, cwd=whole.parent)


def plan(document: Document, codes: Sequence[Code], home: Path) -> list[Part]:
    """Return the functions of a template that SAM need not see the code of.

    All or none: where one resource is built in another way, or a manifest leaves open
    what is installed, SAM builds the whole template each time. ``home`` is where
    dependencies are kept.
    """
    resources = document["Resources"].values()
    if any(resource.get("Type") in _BUILT_OTHERWISE for resource in resources):
        return []
    if settings(document.path):
        return []
    parts = []
    for code in codes:
        outside = code.uri.startswith("/") or ".." in PurePath(code.uri).parts
        facts = _facts(document, code)
        if outside or facts is None:
            return []
        key = cache.key_of(recipe(), json.dumps(facts))
        parts.append(Part(code, sources.files(code.directory), home / key))
    return parts


def template_key(template: Path) -> str:
    """Return what SAM's form of a template is kept by.

    It may name files relative to itself: it serves in one place only.
    """
    return cache.key_of(recipe(), template.read_bytes(), str(template.resolve()))


def run_for_missing(template: Path, parts: Sequence[Part], build_dir: Path) -> None:
    """Build the template, and of its functions the dependencies that are not kept.

    SAM is shown code directories of the same names that hold the manifest, or nothing
    where the dependencies are kept: what else is in them changes neither. Without
    ``parts`` it is shown everything.
    """
    if not parts:
        run(template, build_dir)
        return
    with tempfile.TemporaryDirectory(prefix="sam-build-") as base:
        for part in parts:
            shown = Path(base) / part.code.uri
            shown.mkdir(parents=True, exist_ok=True)
            manifest = part.code.directory / MANIFEST
            if manifest.exists() and not cache.is_made(part.kept):
                shutil.copy2(manifest, shown)
        run(template, build_dir, "--base-dir", base)


def recipe() -> str:
    """Return the key of what decides how anything is built, whatever it is."""
    own = cache.recipe(Path(__file__).parent)
    # Not the patch release: what is built on one shall be found on another.
    python = str(sys.implementation.cache_tag)
    return cache.key_of(own, python, (LOCKS / "sam.txt").read_bytes())


def _facts(document: Document, code: Code) -> list[Any] | None:
    """Return what decides a function's dependencies; None: something else may, too."""
    resource = document["Resources"][code.logical_id]
    shared = document.get("Globals", {}).get("Function", {})
    function: Mapping[str, Any] = shared | resource.get("Properties", {})
    runtime = _by_default(document, function.get("Runtime"))
    listed = function.get("Architectures", ["x86_64"])
    if not isinstance(listed, list):
        return None
    architectures = [_by_default(document, each) for each in listed]
    manifest = code.directory / MANIFEST
    text = manifest.read_text() if manifest.exists() else ""
    is_plain = (
        isinstance(runtime, str)
        and runtime.startswith("python")
        and all(isinstance(each, str) for each in architectures)
        and function.get("PackageType", "Zip") == "Zip"
        and "InlineCode" not in function
        and not any(name.startswith("Build") for name in resource.get("Metadata", {}))
        and _is_locked(text)
    )
    services = trim.services_of(document)
    calls = [
        (name, None if operations is None else sorted(operations))
        for name, operations in sorted(services.items())
    ]
    return [runtime, architectures, calls, text] if is_plain else None


def _by_default(document: Document, value: object) -> object:
    """Return what ``sam build`` takes a reference to a parameter for: its default."""
    match value:
        case {"Ref": str(name)}:
            return document.get("Parameters", {}).get(name, {}).get("Default")
    return value


def _is_locked(manifest: str) -> bool:
    lines = manifest.replace("\\\n", " ").splitlines()
    requirements = [line for line in lines if line.strip() and line.lstrip()[0] != "#"]
    return all(" --hash=" in line for line in requirements)
