"""Modules that LocalStack imports for a name or two, and that are seldom called.

SAM's translator is for a template with SAM's transform, and of EC2's thousand types two
are named, in a template that asks for availability zones. Together they took half a
second of a first deployment. Here each such module is imported when it is used.
"""

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Sequence
from functools import partial
from threading import RLock
from types import ModuleType
from typing import Any

# What is imported from them without being used at once: what is called, or a type.
NAMES = {
    "localstack.aws.api.ec2": (
        "AvailabilityZoneList",
        "DescribeAvailabilityZonesResult",
    ),
    "samtranslator.translator.transform": ("transform",),
}
_importing = RLock()


def install() -> None:
    """Postpone them in this process."""
    sys.meta_path.insert(0, _Finder())


class _Postponed(ModuleType):
    """Holds what is called; whoever asks for anything else has it imported."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever it holds
        if name.startswith("__"):
            raise AttributeError(name)
        _import(self)
        return getattr(self, name)


def _import(module: ModuleType) -> None:
    with _importing:
        if isinstance(module, _Postponed):
            spec = module.__spec__
            assert spec
            assert isinstance(spec.loader, _Loader)
            spec.loader.import_into(module)


def _call(module: ModuleType, name: str, *args: object, **options: object) -> Any:  # noqa: ANN401 - whatever it returns
    _import(module)
    return getattr(module, name)(*args, **options)


class _Loader(importlib.abc.Loader):
    def __init__(self, real: importlib.abc.Loader) -> None:
        self._real = real

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return _Postponed(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Have each name import the module when it is called."""
        for name in NAMES[module.__name__]:
            setattr(module, name, partial(_call, module, name))

    def import_into(self, module: _Postponed) -> None:
        """Import the module; where that fails, whoever is next tries again."""
        for name in NAMES[module.__name__]:
            delattr(module, name)
        module.__class__ = ModuleType  # type: ignore[assignment] # no more, no less
        try:
            self._real.exec_module(module)
        except BaseException:
            module.__class__ = _Postponed
            self.exec_module(module)
            raise


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(
        self, name: str, path: Sequence[str] | None = None, _target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name not in NAMES:
            return None
        found = importlib.machinery.PathFinder.find_spec(name, path)
        if found and found.loader:
            found.loader = _Loader(found.loader)
        return found
