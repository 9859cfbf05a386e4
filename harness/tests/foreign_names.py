"""The names of other libraries that the harness replaces or reaches into.

They are no API, so that a release may move them without a word.
harness/foreign_names.toml lists each, by the library's distribution, with its
signature, why it is touched, and what would be lost without. A name is
``module:path``; an attribute that an object gets when it is made is listed below the
class or function that sets it.

    python foreign_names.py localstack  # the signatures in this environment, as JSON
"""

import inspect
import json
import re
import sys
import tomllib
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType

TABLE = Path(__file__).parents[1] / "foreign_names.toml"
GONE = "gone"
# The libraries that are in LocalStack's environment, and in that of the tests.
LIBRARIES = {
    "localstack": (
        "localstack-core",
        "localstack-twisted",
        "werkzeug",
        "moto",
        "botocore",
    ),
    "tests": ("botocore", "docker", "moto"),
}


def table() -> dict[str, list[dict[str, str]]]:
    """Return what is listed, by library."""
    return tomllib.loads(TABLE.read_text())


def names(environment: str) -> list[str]:
    """Return the names that an environment has."""
    return [row["name"] for row in _rows(environment)]


def moved(environment: str, seen: Mapping[str, str]) -> list[str]:
    """Return a line for each name whose signature in an environment is another."""
    return [
        f"{row['name']}: was {expected}, is {seen[row['name']]}. It is replaced or "
        f"reached into because: {row['why']} Without that: {row['without']}"
        for row in _rows(environment)
        if seen[row["name"]]
        != (expected := row.get(f"signature_in_{environment}", row["signature"]))
    ]


def _rows(environment: str) -> list[dict[str, str]]:
    return [row for library in LIBRARIES[environment] for row in table()[library]]


def signature(name: str) -> str:
    """Return a function's parameters, or of what type a name is."""
    module, _, path = name.partition(":")
    *within, last = path.split(".")
    try:
        holder: object = import_module(module)
        for part in within:
            holder = getattr(holder, part)
    except (ImportError, AttributeError):
        return GONE
    if hasattr(holder, last):
        return _signature(getattr(holder, last))
    return "an attribute" if _sets(holder, last) else GONE


def _signature(found: object) -> str:
    if not callable(found):
        return "a module" if isinstance(found, ModuleType) else type(found).__name__
    parameters = inspect.signature(found).parameters.values()
    plain = [one.replace(annotation=one.empty) for one in parameters]
    return str(inspect.Signature(plain))


def _sets(holder: object, attribute: str) -> bool:
    """Tell whether a function, or a class or a base of it, sets an attribute."""
    parts = inspect.getmro(holder)[:-1] if inspect.isclass(holder) else [holder]
    sets = re.compile(rf"\w\.{attribute}(: .*)? = ")
    return any(sets.search(inspect.getsource(part)) for part in parts)  # type: ignore[arg-type] # a class or a function


if __name__ == "__main__":
    json.dump({name: signature(name) for name in names(sys.argv[1])}, sys.stdout)
