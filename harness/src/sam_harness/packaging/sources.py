"""The files that a template takes code from: which of them count."""

import ast
import hashlib
import os
import shutil
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from sam_harness.errors import HarnessError, UsageError
from sam_harness.template.document import Document, load
from sam_harness.template.uploads import TEMPLATES

CODE_PROPERTY = {
    "AWS::Serverless::Function": "CodeUri",
    "AWS::Serverless::LayerVersion": "ContentUri",
}
# What SAM's Python build leaves out, by name; a test holds this against SAM's own.
_NOT_COPIED = (
    ".aws-sam", ".chalice", ".git", ".gitignore", "*.pyc", "__pycache__", "*.so",
    ".Python", "*.egg-info", "*.egg", "pip-log.txt", "pip-delete-this-directory.txt",
    "htmlcov", ".tox", ".nox", ".coverage", ".cache", ".pytest_cache",
    ".python-version", ".mypy_cache", ".dmypy.json", ".pyre", ".env", ".venv", "venv",
    "venv.bak", "env.bak", "ENV", "env", ".vscode", ".idea",
)  # fmt: skip
# What vim, Emacs, JetBrains, KDE and macOS put beside a file that is being edited.
_OF_EDITORS = (
    ".*.sw[a-p]", "*~", "4913", ".#*", "#*#", "*___jb_tmp___", "*___jb_old___",
    "*.kate-swp", ".DS_Store",
)  # fmt: skip
_ignored = shutil.ignore_patterns(*_NOT_COPIED, *_OF_EDITORS)
_of_editors = shutil.ignore_patterns(*_OF_EDITORS)


@dataclass(frozen=True, slots=True)
class Code:
    """One resource and the local directory that its code is taken from."""

    logical_id: str
    uri: str
    directory: Path


def of_template(document: Document) -> list[Code]:
    """Return every resource whose code is a local directory.

    Raises:
        UsageError: a directory is missing; names the resource that wants it.
    """
    # An archive is what it is: SAM does not build it.
    codes = [code for code in _named(document) if not code.directory.is_file()]
    for code in codes:
        if not code.directory.is_dir():
            line = document.position("Resources", code.logical_id).line
            raise UsageError(
                f"{document.path}:{line}: {code.logical_id}: "
                f"no such directory: {code.directory}"
            )
    return codes


def nested(document: Document) -> Iterator[Document]:
    """Yield the local templates that a template nests, and theirs."""
    for resource in document["Resources"].values():
        name = TEMPLATES.get(resource.get("Type"), "")
        location = resource.get("Properties", {}).get(name)
        if isinstance(location, str) and (document.path.parent / location).is_file():
            inner = load(document.path.parent / location)
            yield inner
            yield from nested(inner)


def directories(document: Document) -> list[Path]:
    """Return the code directories that a template names, there or not."""
    return sorted({code.directory for code in _named(document)})


def _named(document: Document) -> Iterator[Code]:
    shared = document.get("Globals", {}).get("Function", {}).get("CodeUri")
    for logical_id, resource in document["Resources"].items():
        if resource.get("Type") not in CODE_PROPERTY:
            continue
        properties = resource.get("Properties", {})
        uri = properties.get(CODE_PROPERTY[resource["Type"]], shared)
        if isinstance(uri, str) and not uri.startswith("s3://"):
            yield Code(logical_id, uri, document.path.parent / uri)


def files(directory: Path) -> list[PurePath]:
    """Return the files that the artefact takes from a code directory, sorted.

    Relative paths; editors' temporary files and caches are not among them.
    """
    found: list[PurePath] = []
    for folder, folders, names in directory.walk(follow_symlinks=True):
        left_out = _ignored(str(folder), [*folders, *names])
        folders[:] = [name for name in folders if name not in left_out]
        inside = folder.relative_to(directory)
        found += [inside / name for name in names if name not in left_out]
    return sorted(found)


def drop_editor_files(directory: Path, built: Path) -> None:
    """Remove from ``built`` what SAM copied of editors' files in ``directory``."""
    for folder, _, names in directory.walk(follow_symlinks=True):
        for name in _of_editors(str(folder), names):
            (built / folder.relative_to(directory) / name).unlink(missing_ok=True)


def digest(directories: Sequence[Path]) -> bytes:
    """Return what identifies the content of code directories, wherever they are."""
    total = hashlib.sha256()
    for directory in directories:
        for file in files(directory):
            mode = "x" if os.access(directory / file, os.X_OK) else "-"
            total.update(f"\0{file}\0{mode}\0".encode())
            total.update((directory / file).read_bytes())
    return total.digest()


def check_handlers(document: Document, artefact: Path) -> None:
    """Check that each Python function's handler exists in its built code.

    Not where it cannot be told: by an intrinsic, in a layer, in another syntax.

    Raises:
        HarnessError: names the line, the function and what its handler lacks.
    """
    shared = document.get("Globals", {}).get("Function", {})
    wrong = []
    for logical_id, resource in document["Resources"].items():
        if resource.get("Type") != "AWS::Serverless::Function":
            continue
        settings = shared | resource.get("Properties", {})
        if lack := _lack(settings, artefact / logical_id):
            line = document.position("Resources", logical_id, "Properties").line
            wrong.append(f"{document.path}:{line}: {logical_id}: {lack}")
    if wrong:
        raise HarnessError("\n".join(wrong))


def _lack(settings: dict[str, Any], code: Path) -> str | None:
    handler = settings.get("Handler")
    if not str(settings.get("Runtime", "")).startswith("python") or not code.is_dir():
        return None
    if not isinstance(handler, str):
        return None if handler else "it has no Handler"
    module, _, function = handler.rpartition(".")
    path = code / f"{module.replace('.', '/')}.py"
    if not module or not path.is_file():
        path = code / module.replace(".", "/") / "__init__.py"
    if not module or not path.is_file():
        if module and settings.get("Layers"):
            return None
        return f"Handler {handler}: its code has no module {module or handler!r}"
    if not {*_names(path)} & {function, "*"}:  # a star may bring anything
        return f"Handler {handler}: {path.name} defines no {function!r}"
    return None


def _names(path: Path) -> Iterator[str]:
    """Yield every name that the module may bind, wherever it does so."""
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(path.read_bytes())
    except SyntaxError:  # its own Python's to judge: when it is compiled, or imported
        yield "*"
        return
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.AsyncFunctionDef(name=name):
                yield name
            case ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.alias(name=name, asname=renamed):
                yield renamed or name
