"""SAM template -> artefact: SAM's own build, trimmed, compiled, kept by content.

The same directory is deployed to LocalStack and to AWS. What SAM's build leaves to
be done for a quick cold start is done here, once per content:

* botocore's API data is trimmed to the services that the template's
  ``Metadata: Harness: BotocoreServices`` lists (all are kept when it lists none);
* bytecode is compiled ``unchecked-hash``: SAM drops ``__pycache__``, and bytecode
  checked by time stamp never validates in a zip whose entries are stamped 1980.
"""

import argparse
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness import bytecode, handlers
from harness.environments import CACHE, LOCKS, python_of
from harness.errors import HarnessError, UsageError
from harness.template.document import Document, load

FORMAT = "1"  # change it when the steps below change what they produce
CODE_PROPERTY = {
    "AWS::Serverless::Function": "CodeUri",
    "AWS::Serverless::LayerVersion": "ContentUri",
}
KEPT = 5  # artefacts left in the cache; older ones are removed


@dataclass(frozen=True, slots=True)
class Artefact:
    """What ``build`` made: ``template`` is SAM's built template, code beside it."""

    key: str
    template: Path

    def code_of(self, logical_id: str) -> Path:
        """Return the directory that holds the code of a function."""
        return self.template.parent / logical_id


def build(
    template: Path, on_progress: Callable[[str], None] = lambda _: None
) -> Artefact:
    """Return the artefact of ``template``, building it when its content is new.

    Raises:
        UsageError: there is no such template.
        HarnessError: the template or the build is broken; holds SAM's own words.

    """
    document = load(template)
    key = _key(template, _code_directories(document))
    artefact = Artefact(key, CACHE / "build" / key / "template.yaml")
    root = artefact.template.parent
    ready = root / ".ready"
    root.parent.mkdir(parents=True, exist_ok=True)
    with (root.parent / f"{key}.lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if not ready.exists():
            on_progress("building the artefact (sam build)")
            shutil.rmtree(root, ignore_errors=True)
            _sam_build(template, root)
            functions = sorted(path for path in root.iterdir() if path.is_dir())
            handlers.check(document, root)
            settings = document.get("Metadata", {}).get("Harness", {})
            bytecode.finish(functions, settings.get("BotocoreServices", []))
            ready.touch()
            _forget_old(root.parent, key)
        os.utime(root)
    return artefact


def _sam_build(template: Path, build_dir: Path) -> None:
    python = python_of("sam")
    environment = os.environ | {
        "SAM_CLI_TELEMETRY": "0",
        # SAM looks for python3.13 and its pip on the path.
        "PATH": f"{python.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
    }
    done = subprocess.run(
        [python.with_name("sam"), "build", "--template", template.resolve(),
         "--build-dir", build_dir],
        env=environment, cwd=template.resolve().parent,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        said = done.stderr.strip() or done.stdout.strip()
        raise HarnessError(f"sam build of {template} failed:\n{said}")


def _code_directories(document: Document) -> list[Path]:
    """Return every local directory that the template takes code from.

    Raises:
        UsageError: one of them is missing; names the resource that wants it.

    """
    shared = document.get("Globals", {}).get("Function", {}).get("CodeUri")
    found = set()
    for logical_id, resource in document["Resources"].items():
        if resource.get("Type") not in CODE_PROPERTY:
            continue
        properties = resource.get("Properties", {})
        uri = properties.get(CODE_PROPERTY[resource["Type"]], shared)
        if not isinstance(uri, str) or uri.startswith("s3://"):
            continue
        directory = document.path.parent / uri
        if not directory.is_dir():
            line = document.position("Resources", logical_id).line
            raise UsageError(
                f"{document.path}:{line}: {logical_id}: no such directory: {directory}"
            )
        found.add(directory)
    return sorted(found)


def _key(template: Path, code: Sequence[Path]) -> str:
    digest = hashlib.sha256(f"{FORMAT} {sys.version_info[:2]}".encode())
    digest.update((LOCKS / "sam.txt").read_bytes())
    digest.update(template.read_bytes())
    for directory in code:
        for file in _files(directory):
            digest.update(f"\0{file.relative_to(directory)}\0".encode())
            digest.update(file.read_bytes())
    return f"{template.stem}-{digest.hexdigest()[:16]}"


def _files(directory: Path) -> Iterator[Path]:
    for folder, folders, names in directory.walk():
        folders[:] = sorted(f for f in folders if f != "__pycache__")
        yield from (folder / name for name in sorted(names))


def _forget_old(cache: Path, key: str) -> None:
    built = [path.parent for path in cache.glob("*/.ready") if path.parent.name != key]
    newest_first = sorted(built, key=lambda path: path.stat().st_mtime, reverse=True)
    for path in newest_first[KEPT - 1 :]:
        shutil.rmtree(path, ignore_errors=True)
        (cache / f"{path.name}.lock").unlink(missing_ok=True)


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
