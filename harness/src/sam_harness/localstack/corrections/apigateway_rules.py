"""What API Gateway refuses of an OpenAPI document, or makes of it; not LocalStack."""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from itertools import count
from typing import Any

type Document = Mapping[str, Any]
type Operation = tuple[str, str, Document]

# https://github.com/awslabs/aws-api-gateway-developer-portal/issues/424
_PART = re.compile(r"[\w.:,$-]*|\{[\w.:,$-]+\+?\}", re.ASCII)
_OWN = "x-amazon-apigateway-"
_ANY = f"{_OWN}any-method"
_VERBS = {"get", "put", "post", "delete", "options", "head", "patch", _ANY}
_MAPS = {
    "paths",
    "responses",
    "securitySchemes",
    "requestBodies",
    "content",
    "headers",
    f"{_OWN}gateway-responses",
}
_AS_THEY_ARE = {"schema", "schemas", "definitions", "example", "examples"}


def is_document(told: object) -> bool:
    """Tell whether it has fields, and each of its paths, too."""
    paths = told.get("paths", {}) if isinstance(told, dict) else ""
    items = paths.values() if isinstance(paths, dict) else [paths]
    return all(isinstance(item, dict | None) for item in items)


def operations(document: Document) -> Iterator[Operation]:
    """Yield path, verb and fields of each operation."""
    for path, item in document.get("paths", {}).items():
        for field, operation in item.items():
            if _is_operation(field, operation):
                yield path, "ANY" if field == _ANY else field.upper(), operation


def problems(document: Document, models: Document) -> Iterator[str]:
    """Yield what is wrong with the paths and the models of a document.

    https://github.com/api-platform/core/issues/3193
    https://github.com/serverless/serverless/issues/6783
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-set-up-simple-proxy.html
    """
    for name in models:
        if not re.fullmatch("[a-zA-Z0-9]+", name):
            yield f"Model name must be alphanumeric: {name}"
    variables: dict[tuple[object, ...], str] = {}
    paths = document.get("paths", {})
    for path, item in paths.items():
        if "$ref" in item:
            yield f"{path}: a path by $ref is not read here"
        same = paths.get(path.rstrip("/"), {}) if path.endswith("/") else {}
        if _methods_of_both(item, same):
            yield f"{path}: here it is the same as without the slash at its end"
        yield from _problems_of(path)
        parts = path.strip("/").split("/")
        for number, part in enumerate(parts):
            first = variables.setdefault((*parts[:number], part[:1] == "{"), part)
            if part[:1] == "{" and part != first:
                yield f"{path}: A sibling ({first}) already has a variable path part"


def _methods_of_both(item: Document, other: Document) -> list[str]:
    both = item.keys() & other.keys()
    return [field for field in both if _is_operation(field, item[field])]


def _problems_of(path: str) -> Iterator[str]:
    if not path.startswith("/"):  # LocalStack finds no root then
        yield f"{path}: a path begins with /"
    parts = path.strip("/").split("/")
    if not all(map(_PART.fullmatch, parts)):
        yield f"{path}: Resource's path part only allow a-zA-Z0-9._-:,$ and {{}}"
    if any(part.endswith("+}") for part in parts[:-1]):
        yield f"{path}: a greedy path variable has to be the last part"


def with_models(document: Document) -> tuple[dict[str, Any], Document]:
    """Return a document each of whose bodies is of a model with a name, and the models.

    API Gateway makes one where a schema has none; LocalStack validates nothing then,
    nor where Swagger's parameter is not called what its model is.
    https://github.com/aws/aws-sdk/issues/468
    """
    made: dict[str, Any] = deepcopy(_told(document))
    if paths := made.get("paths", {}):
        made["paths"] = {}
    for path, item in paths.items():
        # LocalStack takes every other field with fields of its own for a verb.
        fields = {
            field: one
            for field, one in item.items()
            if not isinstance(one, dict) or _is_operation(field, one)
        }
        # And it loses what has the path of another, but for the slash at its end.
        same = made["paths"].setdefault(path.rstrip("/") or "/", {})
        if twice := _methods_of_both(fields, same):
            made["paths"][path] = {name: fields.pop(name) for name in twice}
        same |= fields
    is_swagger = "swagger" in made
    home = made if is_swagger else made.setdefault("components", {})
    named = home.setdefault("definitions" if is_swagger else "schemas", {})
    at = "#/definitions/" if is_swagger else "#/components/schemas/"
    for _, _, operation in operations(made):
        for body in _bodies(operation, made):
            if "$ref" not in body["schema"]:
                names = (f"MODEL{number}" for number in count(len(named)))
                name = next(name for name in names if name not in named)
                named[name], body["schema"] = body["schema"], {"$ref": at + name}
            if is_swagger:
                body["name"] = body["schema"]["$ref"].removeprefix(at)
    return made, named


def _is_operation(field: str, told: object) -> bool:
    return field.lower() in _VERBS and isinstance(told, dict)


def _told(fields: Document, *, is_map: bool = False) -> dict[str, Any]:
    """Return fields without the empty ones of YAML; a name in a map has no fields."""
    told: dict[str, Any] = {}
    for field, one in fields.items():
        is_foreign = str(field).startswith("x-") and not field.startswith(_OWN)
        if isinstance(one, dict) and not (is_foreign or field in _AS_THEY_ARE):
            told[field] = _told(one, is_map=field in _MAPS)
        elif one is not None or is_map:
            told[field] = {} if one is None else one
    return told


def _bodies(operation: Document, document: Document) -> Iterator[dict[str, Any]]:
    body = operation.get("requestBody") or {}
    shared = document.get("components", {}).get("requestBodies", {})
    body = shared.get(str(body.get("$ref")).rpartition("/")[2], body)
    told = body.get("content", {}).get("application/json", {})
    named = [one for one in operation.get("parameters", ()) if one.get("in") == "body"]
    yield from (one for one in (told, *named) if one.get("schema"))
