"""Templates as SAM has built them, kept by what they were built from.

A built form may name files relative to itself; it is then for one place only.
"""

import hashlib
import os
import shutil
from pathlib import Path

from harness import sam_build
from harness.environments import CACHE, LOCKS

TEMPLATES = CACHE / "templates"
KEPT = 20  # built templates left in the cache; older ones are removed


def keep(template: Path, build_dir: Path) -> None:
    """Keep the built form that is in ``build_dir``."""
    TEMPLATES.mkdir(parents=True, exist_ok=True)
    scratch = TEMPLATES / f".{os.getpid()}.tmp"
    shutil.copyfile(build_dir / sam_build.BUILT_TEMPLATE, scratch)
    key = _key(template, place=_names_files(scratch, template))
    scratch.replace(TEMPLATES / key)
    by_age = sorted(TEMPLATES.glob("[!.]*"), key=lambda path: path.stat().st_mtime)
    for path in by_age[:-KEPT]:
        path.unlink(missing_ok=True)


def find(template: Path) -> Path | None:
    """Return the built form of a template; None: it was built nowhere, or elsewhere."""
    keys = [_key(template, place=place) for place in (False, True)]
    return next((TEMPLATES / key for key in keys if (TEMPLATES / key).exists()), None)


def _names_files(built: Path, template: Path) -> bool:
    """Tell whether a built template may name files by where the template is."""
    text = built.read_text()
    return "../" in text or str(template.resolve().parent) in text


def _key(template: Path, *, place: bool) -> str:
    facts = [template.read_bytes(), (LOCKS / "sam.txt").read_bytes()]
    if place:
        facts.append(str(template.resolve()).encode())
    return hashlib.sha256(b"\0".join(facts)).hexdigest()[:16]
