"""Modules that libraries import and a function never uses, emptied in the artefact.

botocore gives every method a docstring that is generated when it is read, and imports
an HTML parser for that. urllib3 imports importlib.metadata, zip files and all, to ask
for the version of h2 when HTTP/2 is turned on. Together a tenth of a cold start.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

_DOCSTRINGS = '''"""Emptied for a quick cold start: nobody reads docstrings there."""


class ClientMethodDocstring(str):
    def __new__(cls, *args, **kwargs):
        return super().__new__(cls)


class PaginatorDocstring(ClientMethodDocstring):
    pass


class WaiterDocstring(ClientMethodDocstring):
    pass
'''


@dataclass(frozen=True, slots=True)
class Replacement:
    """What a file becomes, if its content is the one that was looked at."""

    file: str
    known_sha256: str
    content: str


REPLACEMENTS = (
    Replacement(
        "botocore/docs/__init__.py",
        "331c7a7a2cbbebe4b13e952c3cc50fa074be5a3cbc323d600dfae8c02bb44b85",
        "",
    ),
    Replacement(
        "botocore/docs/docstring.py",
        "268f650386453eaef970d0947e9cfbcd689794307e0a7ddb3fad9c66f067b5f0",
        _DOCSTRINGS,
    ),
    Replacement(
        "urllib3/http2/__init__.py",
        "c73ac0487ed1e4035190f24ea2de651a70133aadca2aec97cc8e36adc9f09aab",
        "",
    ),
)


def empty(function: Path) -> None:
    """Replace what is known; a file of another version stays as it is."""
    for one in REPLACEMENTS:
        file = function / one.file
        if file.is_file() and is_known(one, file):
            # Not in place: the file may be a hard link into an installer's cache.
            file.unlink()
            file.write_text(one.content)


def is_known(replacement: Replacement, file: Path) -> bool:
    """Tell whether this is the content that was looked at."""
    return hashlib.sha256(file.read_bytes()).hexdigest() == replacement.known_sha256
