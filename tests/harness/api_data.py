"""botocore's API data as a function needs it: no other service, nothing for readers.

A client reads and parses all of its service's data, documentation included, and the
endpoints of every service of AWS: a good part of a cold start.
"""

import gzip
import json
from collections.abc import Collection
from pathlib import Path


def lighten(data: Path, services: Collection[str]) -> None:
    """Rewrite the data of ``services`` without documentation, and their endpoints.

    Uncompressed, because the zip compresses it again. A repeat changes nothing.
    """
    prefixes = set(services)
    for service in services:
        for file in sorted((data / service).rglob("*.json*")):
            if file.name.startswith("examples-"):
                file.unlink()
                continue
            packed = file.suffix == ".gz"
            text = file.read_bytes()
            api = json.loads(gzip.decompress(text) if packed else text)
            prefixes.add(api.get("metadata", {}).get("endpointPrefix", service))
            if packed:
                file.unlink()
                file = file.with_suffix("")  # noqa: PLW2901 - the same data
            _write(file, _undocumented(api))
    _keep_endpoints(data, prefixes)


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
