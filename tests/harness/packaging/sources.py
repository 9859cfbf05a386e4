"""The files that a template takes code from: which of them count, and what they say."""

import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from harness.errors import HarnessError, UsageError
from harness.template.document import Document

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
    codes = list(_named(document))
    for code in codes:
        if not code.directory.is_dir():
            line = document.position("Resources", code.logical_id).line
            raise UsageError(
                f"{document.path}:{line}: {code.logical_id}: "
                f"no such directory: {code.directory}"
            )
    return codes


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


def counts(file: PurePath) -> bool:
    """Tell whether a file of a code directory, by its relative path, is of the code."""
    return not _ignored("", list(file.parts))


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


def check_syntax(directory: Path) -> None:
    """Compile every module of a code directory, and keep nothing of it.

    Raises:
        HarnessError: FILE:LINE:COLUMN of each module that does not compile, and why.

    """
    wrong = []
    for file in files(directory):
        if file.suffix == ".py":
            path = directory / file
            try:
                compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
            except (SyntaxError, ValueError) as error:
                wrong.append(problem(path, error))
    if wrong:
        raise HarnessError("\n".join(wrong))


def problem(path: Path, error: BaseException) -> str:
    """Return one line that says where a module does not compile, and why."""
    if isinstance(error, SyntaxError):
        where = f"{path}:{error.lineno or 1}:{error.offset or 1}"
        return f"{where}: {type(error).__name__}: {error.msg}"
    return f"{path}: {error}"  # a null byte
