"""Finds where a file replaces a name of another library, or uses a private one.

A use is told as a dotted name from the import on, or, where only the attribute is
known, as ``*.attribute``. Public names of the standard library do not count.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

OWN = {
    "bench", "contract", "defects", "e2e", "evidence", "harness", "integration",
    "load", "packaging", "policy",
    "refunds", "rehearsal", "sam_harness", "service", "tests", "unit", "workflows",
}  # fmt: skip
# Documented, despite their names.
_PUBLIC = {"_asdict", "_exit", "_fields", "_make", "_replace"}


def uses(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and the name of each use in a file."""
    file = _File(ast.parse(path.read_text()))
    yield from file.uses


class _File(ast.NodeVisitor):
    def __init__(self, tree: ast.Module) -> None:
        self.uses: list[tuple[int, str]] = []
        self._foreign: dict[str, str] = {}
        self._own = _attributes_made_in(tree)
        self.visit(tree)

    def visit_Import(self, node: ast.Import) -> None:
        for name in node.names:
            if _is_foreign(name.name):
                first = name.name.partition(".")[0]
                self._foreign[name.asname or first] = (
                    name.name if name.asname else first
                )

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if not _is_foreign(node.module or ""):
            return
        for name in node.names:
            full = f"{node.module}.{name.name}"
            self._foreign[name.asname or name.name] = full
            if any(_is_private(part) for part in full.split(".")):
                self._found(node, full)

    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            self._assigned(target, node.value)
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value:
            self._assigned(node.target, node.value)
        self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        known = _PUBLIC if _is_super(node.value) else _PUBLIC | self._own
        if _is_private(node.attr) and node.attr not in known:
            self._found(node, f"*.{node.attr}")
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        function = getattr(node.func, "attr", getattr(node.func, "id", ""))
        name = _text(node.args[1]) if len(node.args) > 1 else ""
        if function == "getattr" and _is_private(name):
            self._found(node, f"*.{name}")
        if function in {"setattr", "delattr", "setitem"} and node.args:
            owner = self._foreign_name(node.args[0])
            if owner:
                self._found(node, owner if function == "setitem" else f"{owner}.{name}")
        self.generic_visit(node)

    def _assigned(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            if name := self._foreign_name(value):
                self._foreign[target.id] = name
            return
        while isinstance(target, ast.Subscript):
            target = target.value
        if name := self._foreign_name(target):
            self._found(target, name)

    def _foreign_name(self, node: ast.expr) -> str | None:
        attributes = []
        while isinstance(node, ast.Attribute):
            attributes.append(node.attr)
            node = node.value
        first = self._foreign.get(node.id) if isinstance(node, ast.Name) else None
        return first and ".".join([first, *reversed(attributes)])

    def _found(self, node: ast.AST, name: str) -> None:
        first, *rest = name.split(".")
        if first in sys.stdlib_module_names and not any(map(_is_private, rest)):
            return
        self.uses.append((getattr(node, "lineno", 0), name))


def _is_super(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") == "super"


def _text(node: ast.expr) -> str:
    """Return a literal text; * stands for any other expression."""
    return str(node.value) if isinstance(node, ast.Constant) else "*"


def _attributes_made_in(tree: ast.Module) -> set[str]:
    """Return the private names that classes of a file define or give themselves."""
    made = set()
    for kept in (one for one in ast.walk(tree) if isinstance(one, ast.ClassDef)):
        for node in ast.walk(kept):
            if isinstance(node, ast.FunctionDef):
                made.add(node.name)
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                made.add(node.target.id)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                made.add(node.attr)
    return made


def _is_foreign(module: str) -> bool:
    return module.partition(".")[0] not in {*OWN, ""}


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")
