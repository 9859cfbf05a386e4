"""Modules that are imported when they are used, not when they are named."""

import importlib
import inspect
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from harness.localstack_plugin import postponed

MODULE = """
import seldom
seldom.imports += 1
OTHER = "other"
def work(*args, **options):
    return args, options
class Kind(dict):
    pass
"""


@pytest.fixture
def seldom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """Yield a package, ``seldom``, whose module ``used`` is postponed."""
    (tmp_path / "seldom").mkdir()
    (tmp_path / "seldom" / "__init__.py").write_text("imports = 0")
    (tmp_path / "seldom" / "used.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    postponed.install({"seldom.used": ("work", "Kind")})
    yield importlib.import_module("seldom")
    for name in ("seldom", "seldom.used"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize(
    ("use", "result"),
    [
        (lambda it: (it.work(1, two=2), it.work(3)), (((1,), {"two": 2}), ((3,), {}))),
        (lambda it: it.Kind(a=1), {"a": 1}),
        (lambda it: (it.OTHER, it.work()), ("other", ((), {}))),
    ],
)
def test_a_use_imports_it_once(
    seldom: ModuleType, use: Callable[[Any], object], result: object
) -> None:
    """Whatever is used first."""
    used = importlib.import_module("seldom.used")
    assert seldom.imports == 0

    assert use(used) == result
    assert seldom.imports == 1


def test_who_asks_what_it_is_does_not_use_it(seldom: ModuleType) -> None:
    """SAM's translator asks of all that its modules hold."""
    importlib.import_module("seldom.used")

    assert not inspect.getmembers(seldom, inspect.isclass)
    assert seldom.imports == 0


def test_what_was_named_before_works_as_well(seldom: ModuleType) -> None:
    """That is how it is imported; whoever does so later gets the thing itself."""
    work = importlib.import_module("seldom.used").work
    assert work(1) == ((1,), {})

    assert importlib.import_module("seldom.used").work is not work
    assert work(2) == ((2,), {})
    assert seldom.imports == 1


def test_an_import_that_fails_says_why_each_time(seldom: ModuleType) -> None:
    """The next call tries again."""
    vars(seldom)["imports"] = "no number"
    used = importlib.import_module("seldom.used")

    for _ in range(2):
        with pytest.raises(TypeError, match="can only concatenate"):
            used.work(1)

    vars(seldom)["imports"] = 0
    assert used.work(1) == ((1,), {})


def test_a_listed_name_that_is_gone_is_told(seldom: ModuleType) -> None:
    """A release may have moved it."""
    postponed.install({"seldom.used": ("gone",)})
    gone = importlib.import_module("seldom.used").gone

    for _ in range(2):
        with pytest.raises(AttributeError, match=r"'seldom.used' has no .* 'gone'"):
            gone()
    assert seldom.imports == 1


@pytest.mark.usefixtures("seldom")
def test_what_it_does_not_hold_is_missing() -> None:
    """As from any other module."""
    used = importlib.import_module("seldom.used")

    with pytest.raises(AttributeError, match=r"'seldom.used' has no .* 'none_such'"):
        _ = used.none_such
