"""An artefact without ``sam build``: kept dependencies, kept template, today's code.

SAM's build of a Python function is its installed dependencies with its code copied
over them. Where nothing else has changed since an earlier build, putting those
together again gives the same bytes in a tenth of the time; a test compares them.
"""

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from harness import built_templates, bytecode, dependencies, sam_build
from harness.assembly_plan import Part

# Beside the functions: logical id -> the files of its own, the key of the others.
PARTS = ".parts.json"


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
    return built_templates.find(template) is not None


def note(template: Path, parts: Sequence[Part], build_dir: Path) -> None:
    """Keep the built template, and beside the functions what they were made from."""
    if not is_built(template):
        built_templates.keep(template, build_dir)
    _note(parts, build_dir)


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
    if kept := built_templates.find(template):
        build_dir.mkdir(parents=True)
        shutil.copyfile(kept, build_dir / sam_build.BUILT_TEMPLATE)
    else:
        sam_build.template_only(template, build_dir, code_uris)


def _note(parts: Sequence[Part], build_dir: Path) -> None:
    noted = {
        part.code.logical_id: {
            "files": [str(file) for file in part.files],
            "dependencies": part.dependencies,
        }
        for part in parts
    }
    (build_dir / PARTS).write_text(json.dumps(noted))
