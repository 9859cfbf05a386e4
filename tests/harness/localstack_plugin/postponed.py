"""Modules that somebody imports for a name or two, and that are seldom used.

Here each such module is imported when it is used. Not by importlib.util.LazyLoader:
whoever only asks whether such a module is a class has it imported.

LocalStack imports SAM's translator, for a template with SAM's transform, and of EC2's
thousand types two, named in a template that asks for availability zones. Together they
took half a second of a first deployment.
"""

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from threading import RLock
from types import ModuleType
from typing import Any

# What LocalStack imports from them without using it at once: what is called, or a type.
NAMES: Mapping[str, Sequence[str]] = {
    "localstack.aws.api.ec2": (
        "AvailabilityZoneList",
        "DescribeAvailabilityZonesResult",
    ),
    "samtranslator.translator.transform": ("transform",),
}
_importing = RLock()


def install(names: Mapping[str, Sequence[str]] = NAMES) -> None:
    """Postpone modules in this process; with each, the names that are imported from it.

    None, if they are only asked for when they are used.
    """
    sys.meta_path.insert(0, _Finder(names))


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
    def __init__(self, real: importlib.abc.Loader, names: Sequence[str]) -> None:
        self._real = real
        self._names = names

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return _Postponed(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Have each name import the module when it is called."""
        for name in self._names:
            setattr(module, name, partial(_call, module, name))

    def import_into(self, module: _Postponed) -> None:
        """Import the module; where that fails, whoever is next tries again."""
        for name in self._names:
            delattr(module, name)
        module.__class__ = ModuleType  # type: ignore[assignment] # no more, no less
        try:
            self._real.exec_module(module)
        except BaseException:
            module.__class__ = _Postponed
            self.exec_module(module)
            raise


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, names: Mapping[str, Sequence[str]]) -> None:
        self._names = names

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, _target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name not in self._names:
            return None
        found = importlib.machinery.PathFinder.find_spec(name, path)
        if found and found.loader:
            found.loader = _Loader(found.loader, self._names[name])
        return found
