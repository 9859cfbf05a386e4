"""The harness's own part in what it keeps: the text of the modules that made it.

What is kept under a key of this is made anew once such a module has changed, and
nobody has to remember to say so.
"""

import hashlib
from functools import cache
from pathlib import Path

_HOME = Path(__file__).parent
# What installs, trims, compiles and zips dependencies.
DEPENDENCIES = (
    "api_data",
    "archive",
    "bytecode",
    "dependencies",
    "sam_build",
    "unused_code",
)
# And what puts an artefact together from them.
ARTEFACT = (
    *DEPENDENCIES,
    "assembly",
    "assembly_plan",
    "built_templates",
    "package",
    "sources",
)


@cache  # what runs was read at the start: later edits are not part of it
def of(modules: tuple[str, ...], home: Path = _HOME) -> str:
    """Return what identifies the text of these modules of the harness."""
    texts = [(home / f"{module}.py").read_bytes() for module in modules]
    return hashlib.sha256(b"\0".join(texts)).hexdigest()
