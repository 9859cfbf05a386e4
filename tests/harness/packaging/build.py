"""SAM template -> artefact: SAM's own build, trimmed, compiled, kept by content.

The same directory is deployed to LocalStack and to AWS. What SAM's build leaves to
be done for a quick cold start is done here, once per content:

* botocore's API data is trimmed to the services, or the operations of each, that the
  template's ``Metadata: Harness: BotocoreServices`` lists, and goes without its
  documentation; so do libraries (``unused_code``). All is kept when it lists none;
* bytecode is compiled ``unchecked-hash``: SAM drops ``__pycache__``, and bytecode
  checked by time stamp never validates in a zip whose entries are stamped 1980;
* editors' temporary files are left out.

Where only code or the template has changed since an earlier build, the artefact is put
together from what was kept of that one (``assembly``): the same bytes, without pip.
"""

import argparse
import fcntl
import hashlib
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Thread

from harness import (
    api_data,
    assembly,
    assembly_plan,
    bytecode,
    handlers,
    recipe,
    sam_build,
    sources,
)
from harness.environments import CACHE, LOCKS
from harness.sources import Code
from harness.template.document import Document, load

KEPT = 5  # artefacts left in the cache; older ones are removed
# But none that somebody may still be deploying, while others build one after the other.
IN_USE_S = 10 * 60


@dataclass(frozen=True, slots=True)
class Artefact:
    """What ``build`` made: ``template`` is SAM's built template, code beside it."""

    key: str
    template: Path

    def code_of(self, logical_id: str) -> Path:
        """Return the directory that holds the code of a function."""
        return self.template.parent / logical_id


def build(
    template: Path,
    on_progress: Callable[[str], None] = lambda _: None,
    *,
    forgets: bool = True,
) -> Artefact:
    """Return the artefact of ``template``, building it when its content is new.

    Old artefacts are removed meanwhile; with ``forgets=False`` by ``forget_old``.

    Raises:
        UsageError: there is no such template.
        HarnessError: the template or the build is broken; holds SAM's own words.

    """
    document = load(template)
    codes = sources.of_template(document)
    key = _key(template, codes)
    artefact = Artefact(key, CACHE / "build" / key / sam_build.BUILT_TEMPLATE)
    root = artefact.template.parent
    ready = root / ".ready"
    root.parent.mkdir(parents=True, exist_ok=True)
    with (root.parent / f"{key}.lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if not ready.exists():
            shutil.rmtree(root, ignore_errors=True)
            learn = _make(document, codes, root, on_progress)
            if _key(template, codes) == key:
                learn()
                ready.touch()
            if forgets:  # it may take seconds, and nobody waits for it
                Thread(target=forget_old, args=(root.parent, key)).start()
        if ready.exists():
            os.utime(root)
            return artefact
    # Somebody saved a file meanwhile: what was built may be half of each.
    return build(template, on_progress, forgets=forgets)


def _make(
    document: Document,
    codes: Sequence[Code],
    root: Path,
    on_progress: Callable[[str], None],
) -> Callable[[], None]:
    """Make the artefact; returns what keeps of it what later ones are made from."""
    parts = assembly_plan.plan(document, codes)
    if parts and assembly.is_possible(parts):
        assembly.assemble(document.path, parts, root)
        handlers.check(document, root)
        return partial(assembly.note, document.path, parts, root)
    for directory in {code.directory for code in codes}:
        sources.check_syntax(directory)
    on_progress("building the artefact (sam build)")
    sam_build.run(document.path, root)
    handlers.check(document, root)
    for code in codes:
        sources.drop_editor_files(code.directory, root / code.logical_id)
    functions = sorted(path for path in root.iterdir() if path.is_dir())
    settings = document.get("Metadata", {}).get("Harness", {})
    services = api_data.calls_of(settings.get("BotocoreServices", []))
    bytecode.finish(functions, services)
    return partial(assembly.learn, document.path, parts or [], root)


def _key(template: Path, codes: Sequence[Code]) -> str:
    digest = hashlib.sha256(f"{recipe.of(recipe.ARTEFACT)} {sys.version}".encode())
    digest.update((LOCKS / "sam.txt").read_bytes())
    digest.update(template.read_bytes())
    digest.update(json.dumps(sam_build.settings(template), default=str).encode())
    digest.update(sources.digest(sorted({code.directory for code in codes})))
    return f"{template.stem}-{digest.hexdigest()[:16]}"


def forget_old(cache: Path, key: str) -> None:
    """Remove what was asked for least recently, but not ``key``."""
    built = [path.parent for path in cache.glob("*/.ready") if path.parent.name != key]
    newest_first = sorted(built, key=lambda path: path.stat().st_mtime, reverse=True)
    for path in newest_first[KEPT - 1 :]:
        if time.time() - path.stat().st_mtime < IN_USE_S:
            continue
        # Under another name at once: half an artefact must not look like a whole one.
        with suppress(OSError):
            path.rename(cache / f".old-{path.name}")
            (cache / f"{path.name}.lock").unlink(missing_ok=True)
    for path in cache.glob(".old-*"):
        shutil.rmtree(path, ignore_errors=True)


def main(argv: Sequence[str]) -> int:
    """``python -m harness package TEMPLATE``: prints the built template's path."""
    parser = argparse.ArgumentParser(
        prog="python -m harness package",
        description="Build the artefact of a SAM template; prints the path of the "
        "built template, ready for `sam deploy --template-file`.",
    )
    parser.add_argument("template", type=Path)
    arguments = parser.parse_args(argv)

    def progress(text: str) -> None:
        print(f"harness: {text} …", file=sys.stderr, flush=True)

    print(build(arguments.template, progress).template)
    return 0
