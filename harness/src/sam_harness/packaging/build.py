"""SAM template -> artefact: SAM's own build, trimmed, compiled, kept by content.

The same directory is deployed to LocalStack and to AWS. There is one way to make it:

1. SAM builds the template, and each function's dependencies from its manifest;
2. libraries are trimmed (``trim``) and compiled (``bytecode``), once per manifest;
3. the functions' code is copied over their dependencies, as SAM does, and compiled.

SAM runs only where the template or a manifest is new. A template with anything but
Python functions with locked manifests is built by SAM whole, each time: its step 3 has
nothing to do. ``harness/tests/packaging`` compares the artefact with what SAM makes.
"""

import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Thread

from sam_harness import cache, project
from sam_harness.errors import HarnessError
from sam_harness.packaging import bytecode, sam_build, sources
from sam_harness.packaging.sam_build import BUILT_TEMPLATE, Part
from sam_harness.packaging.sources import Code
from sam_harness.packaging.trim import Calls, services_of, trim
from sam_harness.template.document import Document, load

# How many are left in the cache; older ones are removed.
KEPT = {"build": 5, "dependencies": 5, "templates": 20}

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can name

type Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Artefact:
    """What ``build`` made: ``template`` is SAM's built template, code beside it.

    ``source``: the template that it was built from, as far as that is known.
    """

    key: str
    template: Path
    source: Path | None = None

    def code_of(self, logical_id: str) -> Path:
        """Return the directory that holds the code of a function."""
        return self.template.parent / logical_id

    def keep(self) -> None:
        """Say that it is in use: the cache removes what is not."""
        cache.is_made(self.template.parent)


class _ChangedError(HarnessError):
    """A file was saved meanwhile: what was built may be half of each."""


def build(
    template: Path, on_progress: Say = lambda _: None, *, compiles: bool = True
) -> Artefact:
    """Return the artefact of ``template``, building it when its content is new.

    ``compiles``: with this Python, as long as no function has another, to which its
    syntax and its bytecode are other ones.

    Raises:
        UsageError: there is no such template.
        HarnessError: the template or the build is broken; holds SAM's own words.
    """
    while True:
        document = load(template)
        codes = sources.of_template(document)
        key = _key(document)
        entry = project.current().cache / "build" / f"{template.stem}-{key}"
        if not cache.is_made(entry):
            make = partial(_make, document, codes, key, on_progress, compiles)
            try:
                cache.made_once(entry, make)
            except _ChangedError:
                continue
            Thread(target=_forget_old).start()  # it may take seconds
        return Artefact(entry.name, entry / BUILT_TEMPLATE, template)


def built(template: Path) -> Artefact:
    """Return the artefact of ``template`` that is there; builds nothing.

    Raises:
        UsageError: there is no such template.
        HarnessError: there is no artefact of what the template and its code are now.
    """
    document = load(template)
    key = _key(document)
    entry = project.current().cache / "build" / f"{template.stem}-{key}"
    if not cache.is_made(entry):
        raise HarnessError(
            f"{entry}: there is no artefact of {template} as it is now: nothing is "
            "built here, so bring the one that was tested"
        )
    return Artefact(entry.name, entry / BUILT_TEMPLATE, template)


def _key(document: Document) -> str:
    documents = [document, *sources.nested(document)]
    named = {one for each in documents for one in sources.directories(each)}
    return cache.key_of(
        sam_build.recipe(),
        *(each.path.read_bytes() for each in documents),
        json.dumps(sam_build.settings(document.path), default=str),
        sources.digest(sorted(filter(Path.is_dir, named))),
    )


def _forget_old() -> None:
    for name, kept in KEPT.items():
        cache.forget_old(project.current().cache / name, kept=kept)


def _make(  # noqa: PLR0913, PLR0917 - a step of build(), which has them all
    document: Document,
    codes: Sequence[Code],
    key: str,
    say: Say,
    compiles: bool,  # noqa: FBT001 - see above
    root: Path,
) -> None:
    kept = project.current().cache
    parts = sam_build.plan(document, codes, kept / "dependencies")
    built = kept / "templates" / sam_build.template_key(document.path)
    wanted = {built, *(part.kept for part in parts)}
    if not (parts and all(map(cache.is_made, wanted))):
        for directory in {code.directory for code in codes if compiles}:
            bytecode.check_syntax(directory)
        say("building the artefact (sam build)")
        sam_build.run_for_missing(document.path, parts, root)
        for code in codes:
            sources.drop_editor_files(code.directory, root / code.logical_id)
        functions = sorted(path for path in root.iterdir() if path.is_dir())
        finish(functions, services_of(document), compiles=compiles)
        _check_unchanged(document, key)
        _keep(parts, root, built)
    if parts:
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir()
        shutil.copyfile(built / BUILT_TEMPLATE, root / BUILT_TEMPLATE)
        put_together(parts, root)
    sources.check_handlers(document, root)
    _check_unchanged(document, key)


def _check_unchanged(document: Document, key: str) -> None:
    if _key(document) != key:
        raise _ChangedError


def _keep(parts: Sequence[Part], root: Path, built: Path) -> None:
    """Keep the dependencies and the template that SAM has built for ``parts``."""
    for part in parts:
        function = root / part.code.logical_id

        def move(entry: Path, function: Path = function) -> None:
            entry.mkdir()
            function.rename(entry / "code")

        cache.made_once(part.kept, move)

    def copy(entry: Path) -> None:
        entry.mkdir()
        shutil.copyfile(root / BUILT_TEMPLATE, entry / BUILT_TEMPLATE)

    if parts:
        cache.made_once(built, copy)


def put_together(parts: Sequence[Part], root: Path) -> None:
    """Copy the code of each function over its dependencies, and compile it.

    Raises:
        HarnessError: a module does not compile.
    """
    first: dict[tuple[Path, Path], Path] = {}
    for part in parts:
        function = root / part.code.logical_id
        # Functions of one directory and with equal dependencies have equal code.
        twin = first.setdefault((part.code.directory, part.kept), function)
        if twin is not function:
            _link_tree(twin, function)
            continue
        _link_tree(part.dependencies, function)
        for file in part.files:
            place = function / file
            place.parent.mkdir(parents=True, exist_ok=True)
            place.unlink(missing_ok=True)  # a link: what it leads to stays as it is
            shutil.copy2(part.code.directory / file, place)
        bytecode.compile_files(function, part.files, part.code.directory)


def finish(
    functions: Sequence[Path], services: Calls, *, compiles: bool = True
) -> None:
    """Trim and compile built function directories, in place.

    Functions with the same content end up as hard links of one another, so the work is
    done once. A repeat changes nothing.
    """
    done: dict[str, Path] = {}
    for function in functions:
        trim(function, services)
        digest = _digest(function)
        if (twin := done.setdefault(digest, function)) is function:
            if compiles:
                bytecode.compile_all(function)
        else:
            shutil.rmtree(function)
            _link_tree(twin, function)


def _digest(function: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(path for path in function.rglob("*") if path.is_file()):
        digest.update(f"\0{file.relative_to(function)}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _link_tree(source: Path, target: Path) -> None:
    shutil.copytree(source, target, symlinks=True, copy_function=os.link)


def archives(artefact: Artefact) -> dict[str, Path]:
    """Return logical id -> zip of the function's code, named after its content.

    The zips are kept beside the artefact; functions with equal code share one: equal
    code gives equal bytes, so it is uploaded once.
    """
    home = artefact.template.parent
    made: dict[str, Path] = {}
    by_inodes: dict[frozenset[tuple[str, int]], Path] = {}
    for function in sorted(path for path in home.iterdir() if path.is_dir()):
        inodes = _inodes(function)
        # Equal functions are hard links of one another.
        identity = frozenset(inodes.items())
        if identity not in by_inodes:
            by_inodes[identity] = _archive(home, function, sorted(inodes))
        made[function.name] = by_inodes[identity]
    return made


def _inodes(function: Path) -> dict[str, int]:
    """Return each file's inode by its relative path: thousands, so without Path."""
    beginning = len(f"{function}/")
    return {
        file.path[beginning:]: file.inode()
        for folder, _, _ in os.walk(function)
        for file in os.scandir(folder)
        if file.is_file()
    }


def _archive(home: Path, function: Path, files: Sequence[str]) -> Path:
    kept = home / f".{function.name}.zip-path"
    if kept.exists():
        return home / kept.read_text()
    scratch = home / f".{function.name}.{os.getpid()}.tmp"
    with zipfile.ZipFile(scratch, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for file in files:
            path = function / file
            entry = zipfile.ZipInfo(file, _EPOCH)
            entry.external_attr = (0o755 if os.access(path, os.X_OK) else 0o644) << 16
            target.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, 1)
    archive = home / f"{hashlib.sha256(scratch.read_bytes()).hexdigest()[:16]}.zip"
    scratch.replace(archive)
    kept.write_text(archive.name)
    return archive
