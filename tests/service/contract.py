"""The API's contract, docs/openapi.yaml, and whether an answer keeps it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from service.checkout import ROOT

DOCUMENT = ROOT / "docs" / "openapi.yaml"
METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path, every ``$ref`` in it replaced by what it names."""

    name: str
    method: str
    path: str
    described: Mapping[str, Any]

    @property
    def statuses(self) -> frozenset[int]:
        """The status codes that it may answer."""
        return frozenset(map(int, self.described["responses"]))

    def parameter(self, name: str) -> Mapping[str, Any]:
        """Return the schema of a parameter; raises StopIteration without such a one."""
        parameters = self.described["parameters"]
        found: Mapping[str, Any] = next(
            one["schema"] for one in parameters if one["name"] == name
        )
        return found

    def broken_by(
        self, status: int, headers: Mapping[str, str], body: str
    ) -> list[str]:
        """Return what of an answer the document does not say; nothing if it is kept.

        A field of the body that is not in the document is one of these things, too.
        """
        response = self.described["responses"].get(str(status))
        if response is None:
            return [f"{self.name} answers {status}, which is not documented"]
        lower = {name.lower(): value for name, value in headers.items()}
        return [
            f"{self.name} {status}: {fault}"
            for fault in (
                *_header_faults(response.get("headers", {}), lower),
                *_body_faults(response["content"], lower.get("content-type", ""), body),
            )
        ]

    def headers_of(self, status: int) -> frozenset[str]:
        """Return the headers, in lower case, that the document says of an answer."""
        headers = self.described["responses"][str(status)].get("headers", {})
        return frozenset({"content-type", *(name.lower() for name in headers)})


@dataclass(frozen=True, slots=True)
class Contract:
    """The document with every ``$ref`` replaced, and its operations by their names."""

    document: Mapping[str, Any]
    operations: Mapping[str, Operation] = field(init=False)

    def __post_init__(self) -> None:
        whole = _resolved(self.document, self.document)
        found = {
            described["operationId"]: Operation(
                described["operationId"], method.upper(), path, described
            )
            for path, methods in whole["paths"].items()
            for method, described in methods.items()
            if method in METHODS
        }
        object.__setattr__(self, "document", whole)
        object.__setattr__(self, "operations", found)


@cache
def contract(path: Path = DOCUMENT) -> Contract:
    """Read the contract; the same file is read once."""
    return Contract(yaml.safe_load(path.read_text(encoding="utf-8")))


def _resolved(node: Any, root: Any) -> Any:  # noqa: ANN401 - YAML
    if isinstance(node, list):
        return [_resolved(one, root) for one in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        found = root
        for name in node["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        return _resolved(found, root)
    return {name: _resolved(one, root) for name, one in node.items()}


def _header_faults(
    documented: Mapping[str, Any], given: Mapping[str, str]
) -> Iterator[str]:
    for name, header in documented.items():
        value = given.get(name.lower())
        if value is None:
            if header.get("required"):
                yield f"no header {name}"
            continue
        is_number = header["schema"].get("type") == "integer"
        typed = int(value) if is_number and value.isdecimal() else value
        for error in Draft202012Validator(header["schema"]).iter_errors(typed):
            yield f"header {name}: {error.message}"


def _body_faults(
    documented: Mapping[str, Any], media_type: str, body: str
) -> Iterator[str]:
    content = documented.get(media_type.partition(";")[0].strip())
    if content is None:
        yield f"its Content-Type is {media_type!r}, not {' or '.join(documented)}"
        return
    try:
        parsed = json.loads(body)
    except ValueError:
        yield "its body is not JSON"
        return
    for error in Draft202012Validator(_closed(content["schema"])).iter_errors(parsed):
        yield f"body {error.json_path}: {error.message}"


def _closed(schema: Any) -> Any:  # noqa: ANN401 - JSON
    """Return the schema with no room for properties that it does not name."""
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _closed(one) for name, one in schema.items()}
    if "properties" in schema:
        closed.setdefault("additionalProperties", False)
    return closed
