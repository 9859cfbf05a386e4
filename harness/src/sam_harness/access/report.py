"""What the layers found out about each cell of the matrix, and how it was used."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from itertools import groupby
from typing import Any, Self

from sam_harness.access.matrix import Cell, Effect, Matrix
from sam_harness.access.stack import Stack
from sam_harness.access.targets import covers

# The name under which a test's report carries evidence.
PROPERTY = "access evidence"
_ALLOWED = "allowed"


class Layer(Enum):
    """Where a cell was tried; the value is the heading in reports."""

    STATIC = "static"
    ROLE = "LocalStack, role"
    FUNCTION = "LocalStack, function"
    STAGE = "stage"


@dataclass(frozen=True, slots=True)
class Evidence:
    """``holds``: the layer agrees with the matrix."""

    role: str
    action: str
    resource: str
    layer: str
    holds: bool

    @classmethod
    def about(cls, cell: Cell, layer: Layer, *, holds: bool) -> Self:
        """Say whether a layer agrees with a cell."""
        return cls(cell.role, cell.action, cell.resource, layer.value, holds)


@dataclass(frozen=True, slots=True)
class Use:
    """What a role tried, in the matrix's names; ``granted`` tells how it ended."""

    role: str
    action: str
    resource: str
    granted: bool

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.role}: {self.action} on {self.resource}"


@dataclass(frozen=True, slots=True)
class Balance:
    """How often each grant was used, and what was tried without being granted."""

    used: Mapping[Cell, int] = field(default_factory=dict)
    denied: Mapping[Use, int] = field(default_factory=dict)

    def notes(self) -> Iterator[str]:
        """Say what deserves a look, though it fails nothing."""
        for use, count in self.denied.items():
            yield f"tried but not granted ({count}x): {use}"
        for cell, count in self.used.items():
            if count and cell.unused:
                yield f"used, though the matrix says unused: {cell.sentence}"


def uses(
    decisions: Iterable[Mapping[str, Any]], stacks: Iterable[Stack]
) -> Counter[Use]:
    """Count what the roles of these stacks did, from the gate's decisions."""
    owners = {
        role.arn: (role.logical_id, stack)
        for stack in stacks
        for role in stack.of_kind("AWS::IAM::Role")
    }
    counted: Counter[Use] = Counter()
    for decision in decisions:
        if decision["role"] not in owners:
            continue
        role, stack = owners[decision["role"]]
        # Without an action the gate did not know what the call needs.
        action = decision["action"] or decision["call"]
        resource = stack.name_of(decision["resource"])
        granted = decision["decision"] == _ALLOWED
        counted[Use(role, action, resource, granted)] += decision["count"]
    return counted


def balanced(matrix: Matrix, used: Counter[Use], roles: Iterable[str]) -> Balance:
    """Compare what the matrix grants to these roles with what they used."""
    grants = [
        cell
        for cell in matrix.cells
        if cell.effect is Effect.ALLOW and cell.role in set(roles)
    ]
    return Balance(
        {cell: _count(cell, used) for cell in grants},
        {use: count for use, count in used.items() if not use.granted},
    )


def _count(cell: Cell, used: Counter[Use]) -> int:
    return sum(
        count
        for use, count in used.items()
        if use.granted
        and (use.role, use.action) == (cell.role, cell.action)
        and covers(cell.resource, use.resource)
    )


@dataclass(frozen=True, slots=True)
class Row:
    """A cell; ``holds`` by layer, None where it was not tried; ``used`` likewise."""

    cell: Cell
    holds: Mapping[Layer, bool | None]
    used: int | None

    @property
    def use(self) -> str:
        """Say in a word what became of a grant."""
        if self.cell.effect is Effect.DENY:
            return ""
        if self.used is None:
            return "not measured"
        if self.used:
            return "used once" if self.used == 1 else f"used {self.used} times"
        return "unused, explained" if self.cell.unused else "UNUSED"

    @property
    def fails(self) -> bool:
        """Tell whether any layer contradicts the matrix, or the grant is idle."""
        return False in self.holds.values() or self.use == "UNUSED"


def rows(
    matrix: Matrix,
    evidence: Iterable[Evidence],
    balance: Balance,
    *,
    whole: bool = True,
) -> list[Row]:
    """Bring together what the layers found out; any contradiction counts.

    Of a run that was not a whole one, only what was used is told.
    """
    found: dict[tuple[str, str, str, str], bool] = {}
    for one in evidence:
        key = (one.role, one.action, one.resource, one.layer)
        found[key] = found.get(key, True) and one.holds
    return [
        Row(
            cell,
            {
                layer: found.get((cell.role, cell.action, cell.resource, layer.value))
                for layer in Layer
            },
            # Of a part of a run, not to be used says nothing.
            balance.used.get(cell) if whole else balance.used.get(cell) or None,
        )
        for cell in matrix.cells
    ]


def text(rows: Iterable[Row]) -> list[str]:
    """Return lines for a terminal: per role what was tried, used and what failed."""
    lines = []
    for role, listed in groupby(rows, lambda row: row.cell.role):
        of_role = list(listed)
        lines.append(f"{role}: {_tried(of_role)}")
        shown = [row for row in of_role if row.fails or row.used is not None]
        lines += [f"  {_line(row)}" for row in shown]
    return lines


def _tried(of_role: list[Row]) -> str:
    counts = [
        f"{layer.value} {sum(row.holds[layer] is True for row in of_role)}"
        f"/{sum(row.holds[layer] is not None for row in of_role)}"
        for layer in Layer
        if any(row.holds[layer] is not None for row in of_role)
    ]
    return ", ".join(counts) or "not tried"


def _line(row: Row) -> str:
    wrong = [layer.value for layer, holds in row.holds.items() if holds is False]
    verb = "may" if row.cell.effect is Effect.ALLOW else "may not"
    said = f"{verb} {row.cell.action} on {row.cell.resource}"
    if row.use:
        said += f" ({row.use})"
    return said + (f": CONTRADICTED by {', '.join(wrong)}" if wrong else "")
