"""The project that is worked on: where its template, cache and reports are.

``[tool.sam-harness]`` of its pyproject.toml says so; the README has each setting with
its default. Paths are relative to that file.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from sam_harness.errors import UsageError

FILE = "pyproject.toml"
TABLE = "sam-harness"
DEFAULTS = {"template": "template.yaml", "cache": ".harness", "reports": "reports"}
WITHOUT_DEFAULT = ("access-matrix", "deploy-exceptions")
_current: "Project | None" = None


class Profile(StrEnum):
    """Whose templates a policy rule is for; ``strict`` has those of ``default`` too."""

    DEFAULT = "default"  # what is broken, lost or open: a defect in any template
    STRICT = "strict"  # what one may ask for, or not: a house style


@dataclass(frozen=True, slots=True)
class Project:
    """Absolute paths; those without a default are None where the project has none."""

    root: Path
    template: Path
    cache: Path
    reports: Path
    access_matrix: Path | None = None
    deploy_exceptions: Path | None = None
    allow_unproven: tuple[str, ...] = ()
    policy_profile: Profile = Profile.DEFAULT

    @classmethod
    def of(cls, root: Path, settings: Mapping[str, Any]) -> Self:
        """Return the project in ``root`` with these settings.

        Raises:
            UsageError: a setting has another name than the known ones, or another kind
                of value.
        """
        values: dict[str, Any] = {name: root / it for name, it in DEFAULTS.items()}
        for name, value in settings.items():
            if name not in _READ:
                known = ", ".join(_READ)
                raise UsageError(
                    f"{root / FILE}: [tool.{TABLE}] knows no {name!r}, only {known}"
                )
            try:
                values[name] = _READ[name](root, value)
            except TypeError as error:
                said = f"{root / FILE}: {name} of [tool.{TABLE}] is {error}"
                raise UsageError(said) from None
        return cls(root, **{name.replace("-", "_"): it for name, it in values.items()})


def _path(root: Path, value: object) -> Path:
    if not isinstance(value, str):
        raise TypeError("no text")
    return root / value


def _names(_root: Path, value: object) -> tuple[str, ...]:
    if not (isinstance(value, list) and all(isinstance(one, str) for one in value)):
        raise TypeError("no list of texts")
    return tuple(value)


def _profile(_root: Path, value: object) -> Profile:
    if value not in set(Profile):
        raise TypeError(f"none of {', '.join(Profile)}")
    return Profile(str(value))


_READ: Mapping[str, Callable[[Path, object], object]] = {
    **dict.fromkeys([*DEFAULTS, *WITHOUT_DEFAULT], _path),
    "allow-unproven": _names,
    "policy-profile": _profile,
}


def find(start: Path, otherwise: Mapping[str, str] | None = None) -> Project:
    """Return the project of the directory ``start``.

    It is described by the nearest pyproject.toml with ``[tool.sam-harness]`` at or
    above ``start``; without one, ``start`` is a project with the settings of
    ``otherwise``, and the defaults.

    Raises:
        UsageError: such a file cannot be read as TOML, or says what is not known.
    """
    start = start.resolve()
    for directory in (start, *start.parents):
        if (settings := _settings(directory / FILE)) is not None:
            return Project.of(directory, settings)
    return Project.of(start, otherwise or {})


def work_on(start: Path, otherwise: Mapping[str, str] | None = None) -> None:
    """Make the project of the directory ``start``, as ``find`` has it, the current."""
    global _current  # noqa: PLW0603 - a process works on one project
    _current = find(start, otherwise)


def current() -> Project:
    """Return the current project: ``work_on``'s, or else the working directory's."""
    if _current is None:
        work_on(Path.cwd())
    assert _current
    return _current


def _settings(path: Path) -> Mapping[str, Any] | None:
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: {error}") from error
    settings = told.get("tool", {}).get(TABLE)
    return settings if isinstance(settings, Mapping) else None
