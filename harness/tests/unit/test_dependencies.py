"""What the distribution imports it also asks for, so that its wheel is enough."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import sam_harness

PACKAGE = Path(sam_harness.__file__).parent
# Its modules run in the environments of LocalStack and of the Lambda runtime.
ELSEWHERE = PACKAGE / "localstack"
# What comes with a library that is asked for, by that library's own promise.
PART_OF = {"botocore": "boto3", "docker": "testcontainers"}


def imported() -> Iterator[str]:
    """Yield the top-level packages that are imported when the code runs."""
    for path in PACKAGE.rglob("*.py"):
        if path.is_relative_to(ELSEWHERE):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                yield from (name.name.partition(".")[0] for name in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield node.module.partition(".")[0]


def test_every_library_that_is_imported_is_a_dependency() -> None:
    """Types are for the type checker only."""
    told = tomllib.loads((PACKAGE.parents[1] / "pyproject.toml").read_text())["project"]
    asked = [told["dependencies"], *told["optional-dependencies"].values()]
    names = {plain(re.split(r"[\[>=<]", one)[0]) for some in asked for one in some}

    libraries = {
        name
        for name in imported()
        if name not in sys.stdlib_module_names | {"sam_harness"}
        and not name.startswith("types_")
    }

    assert libraries
    found = packages_distributions()
    missing = {
        name
        for name in libraries
        if not names & {plain(PART_OF.get(name, name)), *map(plain, found[name])}
    }
    assert missing == set()


def plain(name: str) -> str:
    """Return a distribution's name as all spellings of it are compared."""
    return name.lower().replace("-", "_")
