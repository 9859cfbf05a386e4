"""Grants against use: what the roles of deployed stacks did with what they may do."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.access.matrix import Cell, Effect, Matrix
from harness.access.stack import Stack
from harness.access.targets import covers

ALLOWED = "allowed"


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
    """How grants and use compare.

    ``idle``: granted, never used, and the matrix does not say why. ``explained``: it
    does. ``outdated``: it says so, but the grant is used. ``refused``: used without
    being granted.
    """

    used: Mapping[Cell, int] = field(default_factory=dict)
    idle: tuple[Cell, ...] = ()
    explained: tuple[Cell, ...] = ()
    outdated: tuple[Cell, ...] = ()
    refused: Mapping[Use, int] = field(default_factory=dict)

    def notes(self) -> Iterator[str]:
        """Say what deserves a look, though it fails nothing."""
        for use, count in self.refused.items():
            yield f"used but not granted ({count}x): {use}"
        for cell in self.outdated:
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
    for decided in decisions:
        if decided["role"] not in owners:
            continue
        role, stack = owners[decided["role"]]
        # Without an action the gate did not know what the call needs.
        action = decided["action"] or decided["call"]
        resource = stack.name_of(decided["resource"])
        granted = decided["decision"] == ALLOWED
        counted[Use(role, action, resource, granted)] += decided["count"]
    return counted


def balance(matrix: Matrix, used: Counter[Use], roles: Iterable[str]) -> Balance:
    """Compare what the matrix grants to these roles with what they used."""
    grants = [
        cell
        for cell in matrix.cells
        if cell.effect is Effect.ALLOW and cell.role in set(roles)
    ]
    counts = {cell: _count(cell, used) for cell in grants}
    return Balance(
        {cell: count for cell, count in counts.items() if count},
        tuple(c for c, count in counts.items() if not count and not c.unused),
        tuple(c for c, count in counts.items() if not count and c.unused),
        tuple(c for c, count in counts.items() if count and c.unused),
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
