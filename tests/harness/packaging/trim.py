"""botocore's API data as a function needs it: what it calls, nothing for readers.

A client reads and parses all of its service's data, documentation included, and the
endpoints of every service of AWS: a good part of a cold start.
"""

import gzip
import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.errors import HarnessError

# The operations that a function calls, by service; None: all of them.
type Calls = Mapping[str, Collection[str] | None]


def calls_of(listed: Sequence[str] | Mapping[str, Collection[str]]) -> Calls:
    """Return what BotocoreServices lists: services, or operations by service."""
    return listed if isinstance(listed, Mapping) else dict.fromkeys(listed)


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
            packed = file.suffix == ".gz"
            text = file.read_bytes()
            api = json.loads(gzip.decompress(text) if packed else text)
            if operations is not None and file.name.startswith("service-2."):
                _keep_operations(api, service, operations)
            prefixes.add(api.get("metadata", {}).get("endpointPrefix", service))
            if packed:
                file.unlink()
                file = file.with_suffix("")  # noqa: PLW2901 - the same data
            _write(file, _undocumented(api))
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
    match value:
        case {"shape": str(name), **others}:
            return {name, *_shapes_in(others)}
        case dict():
            return _shapes_in([*value.values()])
        case list():
            return {name for item in value for name in _shapes_in(item)}
        case _:
            return set()


def _keep_endpoints(data: Path, prefixes: Collection[str]) -> None:
    for file in (data / "endpoints.json", data / "endpoints.json.gz"):
        if file.exists():
            text = file.read_bytes()
            found = json.loads(gzip.decompress(text) if file.suffix == ".gz" else text)
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


def _write(file: Path, content: object) -> None:
    file.write_text(json.dumps(content, separators=(",", ":")))
