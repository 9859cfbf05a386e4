"""The matrix file: what each role may do, and some of what it must never do.

    ReceiverRole:                       # logical id of a role
      allow:
        - actions: dynamodb:PutItem     # one, or a list
          resources: RefundTable        # one, or a list; see access.targets
          because: stores the refund    # why it is needed
          unused: ...                   # only where no test can use it: why it stays
          when: {SecretArn: "arn:..."}  # only of a template with this parameter
      deny:                             # named, so that it is tried for real
        - actions: [dynamodb:GetItem, dynamodb:Query]
          resources: RefundTable

Everything that is not listed is denied; ``deny`` adds proof, not meaning. An entry with
``when`` is looked for with these parameters by the static layer, and by no other.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any, Self

import yaml

from sam_harness.access.targets import is_action
from sam_harness.errors import HarnessError, UsageError
from sam_harness.iam.request import several

_KEYS = {
    "allow": {"actions", "resources", "because", "unused", "when"},
    "deny": {"actions", "resources", "because", "when"},
}


class Effect(Enum):
    """What the matrix says of an action on a resource."""

    ALLOW = "allow"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class Cell:
    """One role, action and resource; ``unused`` says why an idle grant stays."""

    role: str
    action: str
    resource: str
    effect: Effect
    because: str = ""
    unused: str = ""
    when: tuple[tuple[str, str], ...] = ()

    @property
    def sentence(self) -> str:
        """Say it as a report does."""
        verb = "may" if self.effect is Effect.ALLOW else "may not"
        return f"{self.role} {verb} {self.action} on {self.resource}"


@dataclass(frozen=True, slots=True)
class Matrix:
    """All cells in the order of the file, those with a ``when`` apart."""

    cells: tuple[Cell, ...]
    conditional: tuple[Cell, ...] = ()

    @property
    def examples(self) -> dict[str, str]:
        """The values under any ``when``, by parameter."""
        return dict(pair for cell in self.conditional for pair in cell.when)

    def at(self, parameters: Mapping[str, str]) -> Self:
        """Return what holds with these parameters, as if there were no ``when``."""
        given = parameters.items()
        met = [cell for cell in self.conditional if given >= set(cell.when)]
        return replace(self, cells=(*self.cells, *met), conditional=())

    @property
    def roles(self) -> tuple[str, ...]:
        """Logical ids of the roles, in the order of the file."""
        return tuple(dict.fromkeys(cell.role for cell in self.cells))

    def of(self, role: str, effect: Effect) -> tuple[Cell, ...]:
        """Return what the matrix allows, or denies by name, to a role."""
        return tuple(
            cell for cell in self.cells if cell.role == role and cell.effect is effect
        )


def load(path: Path) -> Matrix:
    """Read and check a matrix.

    Raises:
        UsageError: there is no such file.
        HarnessError: it is no matrix; the message names file, role and entry.
    """
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    except yaml.YAMLError as error:
        raise HarnessError(f"{path}: {error}") from None
    try:
        cells = tuple(_cells(data))
        _refuse_repetition(cells)
    except ValueError as error:
        raise HarnessError(f"{path}: {error}") from None
    return Matrix(
        tuple(cell for cell in cells if not cell.when),
        tuple(cell for cell in cells if cell.when),
    )


def _cells(data: object) -> Iterator[Cell]:
    if not isinstance(data, Mapping) or not data:
        raise ValueError("a matrix is a mapping of roles")
    for role, sections in data.items():
        if not isinstance(sections, Mapping) or not sections.get("allow"):
            raise ValueError(f"{role}: list under allow what the role may do")
        if unknown := sorted(set(sections) - set(_KEYS)):
            raise ValueError(f"{role}: {unknown[0]!r} is neither allow nor deny")
        for section, entries in sections.items():
            for number, entry in enumerate(entries or [], start=1):
                where = f"{role}, {section} entry {number}"
                yield from _entry(str(role), Effect(section), entry, where)


def _entry(role: str, effect: Effect, entry: object, where: str) -> Iterator[Cell]:
    if not isinstance(entry, Mapping):
        raise ValueError(f"{where}: not a mapping with actions and resources")  # noqa: TRY004 - one type for the caller
    if unknown := sorted(set(entry) - _KEYS[effect.value]):
        raise ValueError(f"{where}: unknown key {unknown[0]!r}")
    because = str(entry.get("because") or "")
    if effect is Effect.ALLOW and not because.strip():
        raise ValueError(f"{where}: say why under because")
    if "unused" in entry and not str(entry["unused"] or "").strip():
        raise ValueError(f"{where}: unused needs the reason why the grant stays")
    when = _when(entry, where)
    for action in _strings(entry, "actions", where):
        if not is_action(action):
            raise ValueError(f"{where}: IAM has no action {action}")
        for resource in _strings(entry, "resources", where):
            unused = str(entry.get("unused") or "")
            yield Cell(role, action, resource, effect, because, unused, when)


def _when(entry: Mapping[Any, Any], where: str) -> tuple[tuple[str, str], ...]:
    listed = entry.get("when", {})
    if not isinstance(listed, Mapping):
        raise ValueError(f"{where}: when is not a mapping of parameters to values")  # noqa: TRY004 - one type for the caller
    return tuple((str(name), str(value)) for name, value in listed.items())


def _strings(entry: Mapping[Any, Any], key: str, where: str) -> list[str]:
    values = several(entry.get(key))
    strings = [value for value in values if isinstance(value, str) and value]
    if not strings or len(strings) < len(values):
        raise ValueError(f"{where}: {key} is not a string or a list of strings")
    return strings


def _refuse_repetition(cells: tuple[Cell, ...]) -> None:
    seen: set[tuple[str, str, str]] = set()
    for cell in cells:
        key = (cell.role, cell.action, cell.resource)
        if key in seen:
            raise ValueError(f"{' '.join(key)} is listed twice")
        seen.add(key)
