"""Finds, before anything is deployed, handlers that the artefact does not hold."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.errors import HarnessError
from harness.template.document import Document


def check(document: Document, artefact: Path) -> None:
    """Check that each Python function's handler exists in its built code.

    Raises:
        HarnessError: names the line, the function and what its handler lacks.

    """
    shared = document.get("Globals", {}).get("Function", {})
    wrong = []
    for logical_id, resource in document["Resources"].items():
        if resource.get("Type") != "AWS::Serverless::Function":
            continue
        settings = shared | resource.get("Properties", {})
        if lack := _lack(settings, artefact / logical_id):
            line = document.position("Resources", logical_id, "Properties").line
            wrong.append(f"{document.path}:{line}: {logical_id}: {lack}")
    if wrong:
        raise HarnessError("\n".join(wrong))


def _lack(settings: dict[str, Any], code: Path) -> str | None:
    handler = settings.get("Handler")
    if not str(settings.get("Runtime", "")).startswith("python") or not code.is_dir():
        return None
    if not isinstance(handler, str):
        return "it has no Handler"
    module, _, function = handler.rpartition(".")
    path = code / f"{module.replace('.', '/')}.py"
    if not module or not path.is_file():
        path = code / module.replace(".", "/") / "__init__.py"
    if not module or not path.is_file():
        return f"Handler {handler}: its code has no module {module or handler!r}"
    names = set(_names(ast.parse(path.read_bytes())))
    if not names & {function, "*"}:  # a star may bring anything
        return f"Handler {handler}: {path.name} defines no {function!r}"
    return None


def _names(tree: ast.AST) -> Iterator[str]:
    """Yield every name that the module may bind, wherever it does so."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.AsyncFunctionDef(name=name):
                yield name
            case ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.alias(name=name, asname=renamed):
                yield renamed or name
