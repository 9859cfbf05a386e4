"""Libraries that LocalStack imports at its start, and this one has no use for.

A seventh of the start is importing what validates requests to LocalStack's own routes
and moto's OpenAPI documents, prints in colours, asks name servers, and encrypts for
enclaves. Who comes to use a piece of it is told what is missing and where it was left
out.
"""

import importlib.abc
import importlib.machinery
import sys
from types import ModuleType
from typing import NoReturn

# Who imports these goes on without them: twisted speaks HTTP/1.1, and LocalStack would
# ask `docker`, the command.
ABSENT = ("docker", "h2")
# Who imports these takes for granted that they are there.
HOLLOW = ("asn1crypto", "dns", "openapi_core", "openapi_spec_validator", "rich")


def install() -> None:
    """Leave them out of this process."""
    sys.modules.update(dict.fromkeys(ABSENT))  # type: ignore[arg-type] # None: not there
    sys.meta_path.insert(0, _Finder())


class _Hollow(ModuleType):
    """A module that has a class of every name, or what looks like a function."""

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Missing(name, (_Made,), {"__module__": self.__name__})


def _fail(of: type, name: str) -> NoReturn:
    missing = f"{of.__module__}.{of.__qualname__}.{name}"
    raise AttributeError(f"{missing}: left out of LocalStack by {__name__}")


class _Missing(type):
    def __getattr__(cls, name: str) -> NoReturn:
        _fail(cls, name)


class _Made(Exception):  # noqa: N818 - some stand for exceptions
    """Can be imported, named, and made, and that is all."""

    def __init__(self, *_args: object, **_options: object) -> None:
        """Make one, as some are when a module is imported; functions are not called."""
        if type(self).__name__[0].islower():
            _fail(type(self), "__call__")

    def __getattr__(self, name: str) -> NoReturn:
        _fail(type(self), name)


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(
        self, name: str, _path: object = None, _target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name.partition(".")[0] not in HOLLOW:
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return _Hollow(spec.name)

    def exec_module(self, _module: ModuleType) -> None:
        """Leave it hollow."""
