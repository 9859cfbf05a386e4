"""What libraries bring along and a function never uses, taken out of the artefact.

A botocore client reads and parses all of its service's data, documentation included,
and the endpoints of every service of AWS: a good part of a cold start. What goes, what
is replaced, and why that is safe in production: docs/artefact.md.
"""

import gzip
import hashlib
import json
import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sam_harness.errors import HarnessError
from sam_harness.template.document import Document
from sam_harness.template.values import walk

# botocore reads these whichever service is called.
COMMON_DATA = {
    "_retry.json",
    "endpoints.json",
    "partitions.json",
    "sdk-default-configuration.json",
}
_DOCSTRINGS = '''"""Emptied for a quick cold start: docstrings are not read there."""


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

# The operations that a function calls, by service; None: all of them.
type Calls = Mapping[str, Collection[str] | None]


def services_of(document: Document) -> Calls:
    """Return what ``Metadata: Harness: BotocoreServices`` of a template lists.

    Services, or the operations of each; nothing where it lists none.
    """
    settings = document.get("Metadata", {}).get("Harness", {})
    listed = settings.get("BotocoreServices", [])
    return listed if isinstance(listed, Mapping) else dict.fromkeys(listed)


def trim(function: Path, services: Calls) -> None:
    """Remove the API data of every service that is not in ``services``; all if empty.

    What stays is rewritten to what a client reads of it. A repeat changes nothing.

    Raises:
        HarnessError: botocore knows no service, or operation, of that name.
    """
    data = function / "botocore" / "data"
    if not services or not data.is_dir():
        return
    if unknown := {name for name in services if not (data / name).is_dir()}:
        raise HarnessError(f"BotocoreServices: no such service: {sorted(unknown)}")
    for entry in data.iterdir():
        if entry.is_dir() and entry.name not in services:
            shutil.rmtree(entry)
        elif entry.is_file() and entry.name.removesuffix(".gz") not in COMMON_DATA:
            entry.unlink()
    lighten(data, services)
    replace_known(function)


def lighten(data: Path, services: Calls) -> None:
    """Rewrite the data of ``services`` without documentation, and their endpoints.

    Uncompressed, because the zip compresses it again. A repeat changes nothing.

    Raises:
        HarnessError: a service has no such operation.
    """
    prefixes = set(services)
    for service, operations in services.items():
        for file in sorted((data / service).rglob("*.json*")):
            if file.name.startswith("examples-"):
                file.unlink()
                continue
            api = _read(file)
            is_api = file.name.removesuffix(".gz") == "service-2.json"
            if operations is not None and is_api:
                _keep_operations(api, service, operations)
            prefixes.add(api.get("metadata", {}).get("endpointPrefix", service))
            file.unlink()
            _write(file.with_name(file.name.removesuffix(".gz")), _undocumented(api))
    _keep_endpoints(data, prefixes)


def _keep_operations(
    api: dict[str, Any], service: str, operations: Collection[str]
) -> None:
    if unknown := set(operations) - set(api["operations"]):
        raise HarnessError(
            f"BotocoreServices: {service} has no such operation: {sorted(unknown)}"
        )
    api["operations"] = {name: api["operations"][name] for name in sorted(operations)}
    used: dict[str, Any] = {}
    found = _shapes_in(api["operations"])
    while found:
        used |= {name: api["shapes"][name] for name in found}
        found = _shapes_in(used) - set(used)
    api["shapes"] = {name: used[name] for name in sorted(used)}


def _shapes_in(value: object) -> set[str]:
    named = (item for path, item in walk(value) if path[-1:] == ("shape",))
    return {name for name in named if isinstance(name, str)}


def _keep_endpoints(data: Path, prefixes: Collection[str]) -> None:
    for file in (data / "endpoints.json", data / "endpoints.json.gz"):
        if file.exists():
            found = _read(file)
            for partition in found.get("partitions", []):
                partition["services"] = {
                    name: endpoints
                    for name, endpoints in partition["services"].items()
                    if name in prefixes
                }
            file.unlink()
            _write(data / "endpoints.json", found)


def _undocumented(value: object) -> object:
    match value:
        case dict():
            # A member or a shape of that name is an object; the text is what goes.
            return {
                name: _undocumented(item)
                for name, item in value.items()
                if not (name == "documentation" and isinstance(item, str))
            }
        case list():
            return [_undocumented(item) for item in value]
        case _:
            return value


def _read(file: Path) -> dict[str, Any]:
    text = file.read_bytes()
    content: dict[str, Any] = json.loads(
        gzip.decompress(text) if file.suffix == ".gz" else text
    )
    return content


def _write(file: Path, content: object) -> None:
    file.write_text(json.dumps(content, separators=(",", ":")))


def replace_known(function: Path) -> None:
    """Replace the files of REPLACEMENTS; a file of another version stays as it is."""
    for one in REPLACEMENTS:
        file = function / one.file
        if file.is_file() and is_known(one, file):
            # Not in place: the file may be a hard link into an installer's cache.
            file.unlink()
            file.write_text(one.content)


def is_known(replacement: Replacement, file: Path) -> bool:
    """Tell whether this is the content that was looked at."""
    return hashlib.sha256(file.read_bytes()).hexdigest() == replacement.known_sha256
