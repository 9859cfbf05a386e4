"""What is touched of other libraries is listed, used, and what it was."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.tests import foreign_names
from harness.tests.unit.foreign_uses import uses
from service.checkout import ROOT

AT_MOST = 45
LISTED = {
    row["name"].replace(":", ".")
    for rows in foreign_names.table().values()
    for row in rows
}


def files() -> Iterator[Path]:
    """Yield the Python files of this project."""
    for folder in ROOT.iterdir():
        if folder.is_dir() and not folder.name.startswith("."):
            yield from folder.rglob("*.py")


def listed_for(use: str) -> set[str]:
    """Return the names of the table that a use may be one of."""
    if use.startswith("*."):
        return {name for name in LISTED if name.endswith(use[1:])}
    if use.endswith(".*"):
        return {name for name in LISTED if name.startswith(use[:-1])}
    return {use} & LISTED


def test_each_use_is_listed_and_each_listed_name_is_used() -> None:
    """Else a release that moves a name would break something without a word."""
    found = {
        f"{path.relative_to(ROOT)}:{line}: {use}": listed_for(use)
        for path in files()
        for line, use in uses(path)
    }

    unlisted = [where for where, names in found.items() if not names]
    assert not unlisted, "\n".join(unlisted)
    assert LISTED - {name for names in found.values() for name in names} == set()


def test_the_table_stays_short() -> None:
    """Each name is work at some release of a library."""
    assert len(LISTED) <= AT_MOST


def test_the_names_of_the_tests_environment_are_what_they_were() -> None:
    """Those of LocalStack's environment: harness/tests/packaging."""
    names = foreign_names.names("tests")

    seen = {name: foreign_names.signature(name) for name in names}

    moved = foreign_names.moved("tests", seen)
    assert not moved, "\n".join(moved)


@pytest.mark.parametrize(
    ("name", "signature"),
    [
        ("botocore.loaders:JSONFileLoader.load_file", "(self, file_path)"),
        ("botocore.client:BaseClient._endpoint", "an attribute"),
        ("botocore.loaders:os", "a module"),
        ("botocore.loaders:JSONFileLoader.gone", "gone"),
        ("botocore.loaders:Gone.load_file", "gone"),
        ("botocore.no_such_module:load", "gone"),
    ],
)
def test_a_name_has_a_signature_or_is_gone(name: str, signature: str) -> None:
    """Whether a module, a class or what is in it has been renamed."""
    assert foreign_names.signature(name) == signature


def test_a_name_that_moved_is_told_with_its_reason() -> None:
    """That is what somebody who updates a library has to know."""
    names = foreign_names.names("tests")
    seen = {name: foreign_names.signature(name) for name in names}
    moved = "socket:SocketIO._sock"

    [line] = foreign_names.moved("tests", seen | {moved: "gone"})

    assert line.startswith(f"{moved}: was an attribute, is gone.")
    assert "Nothing can be said to a container." in line


@pytest.mark.parametrize(
    ("code", "use"),
    [
        ("from lib.a import C\nC.x = 1", "lib.a.C.x"),
        ("from lib import a\na.C.x: int = 1", "lib.a.C.x"),
        ("import lib.a\nlib.a.x = 1", "lib.a.x"),
        ("from lib import a\nb = a.C\nb.x = 1", "lib.a.C.x"),
        ("from lib import a\nb: Any = a.C\nb.x = 1", "lib.a.C.x"),
        ("from lib import TABLE\nTABLE['x']['y'] = 1", "lib.TABLE"),
        ("from lib import C\nsetattr(C, 'x', 1)", "lib.C.x"),
        ("from lib import C\nfor name in N:\n    setattr(C, name, 1)", "lib.C.*"),
        ("from lib import a\npatch.setattr(a, 'x', 1)", "lib.a.x"),
        ("from lib import _private", "lib._private"),
        ("import lib\nlib.f()._x", "*._x"),
        ("def run(self):\n    return self._x", "*._x"),
        ("class A(B):\n    def run(self):\n        return self._x", "*._x"),
        ("class A(B):\n    def _x(self):\n        return super()._x()", "*._x"),
        ("getattr(one, '_x', None)", "*._x"),
    ],
)
def test_a_use_is_found(tmp_path: Path, code: str, use: str) -> None:
    """However it is written."""
    file = tmp_path / "file.py"
    file.write_text(code)

    assert use in [name for _, name in uses(file)]


@pytest.mark.parametrize(
    "code",
    [
        "class A:\n    def __init__(self):\n        self._x = 1\n\nA()._x",
        "from sam_harness import cli\ncli.x = 1",
        "from lib import C\nc = C()\nc.x = 1",
        "import os\nos._exit(1)\nos.environ['X'] = '1'",
        "from lib import C\nC.__doc__",
    ],
)
def test_what_is_no_use_is_not_found(tmp_path: Path, code: str) -> None:
    """Own names, public settings of the standard library, and objects made here."""
    file = tmp_path / "file.py"
    file.write_text(code)

    assert list(uses(file)) == []
