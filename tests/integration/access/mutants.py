"""Mutants of a role's policies: a granted action taken away, or something added.

A test that does not notice a mutant proves nothing about that permission.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sam_harness.access.matrix import Cell, Effect, Matrix
from sam_harness.access.stack import Stack
from sam_harness.access.targets import ANYTHING, covers, find
from sam_harness.iam.request import several

ADDED = "Mutant"


@dataclass(frozen=True, slots=True)
class Mutant:
    """A granted action that is added or removed; ``resource``: an ARN or pattern."""

    role: str
    action: str
    resource: str
    what: str
    is_added: bool

    def __str__(self) -> str:
        """Name it as the table does."""
        return f"{self.role}: {self.what}"


def removals(matrix: Matrix, stack: Stack) -> Iterator[tuple[Mutant, Cell]]:
    """Yield each granted action taken away, with the first cell that lists it."""
    for role in stack.of_kind("AWS::IAM::Role"):
        seen = set()
        for cell in matrix.of(role.logical_id, Effect.ALLOW):
            if cell.action in seen:
                continue
            seen.add(cell.action)
            what = f"without {cell.action}"
            arn = find(stack, cell.resource).arn
            yield Mutant(cell.role, cell.action, arn, what, is_added=False), cell


def additions(matrix: Matrix, stack: Stack) -> Iterator[Mutant]:
    """Yield what must not be added to what is granted, each thing once.

    Of each grant: every action of its service, every resource, a neighbour action on
    the same resource, and the same action on another resource; the latter two as the
    matrix denies them by name.
    """
    yield from dict.fromkeys(_additions(matrix, stack))


def _additions(matrix: Matrix, stack: Stack) -> Iterator[Mutant]:
    for role in stack.of_kind("AWS::IAM::Role"):
        denied = matrix.of(role.logical_id, Effect.DENY)
        for cell in matrix.of(role.logical_id, Effect.ALLOW):
            if cell.resource == ANYTHING or not denied:
                continue
            for action, resource, what in _beyond(cell, denied, stack):
                yield Mutant(cell.role, action, resource, what, is_added=True)


def _beyond(
    cell: Cell, denied: tuple[Cell, ...], stack: Stack
) -> Iterator[tuple[str, str, str]]:
    arn = find(stack, cell.resource).arn
    service = cell.action.partition(":")[0]
    if any(covers(cell.resource, one.resource) for one in denied):
        yield f"{service}:*", arn, f"plus {service}:* on {cell.resource}"
    neighbours = [one for one in denied if one.resource == cell.resource]
    elsewhere = [one for one in denied if one.action == cell.action]
    if elsewhere:
        yield cell.action, "*", f"plus {cell.action} on *"
    for one in (*neighbours[:1], *elsewhere[:1]):
        other = find(stack, one.resource).arn
        yield one.action, other, f"plus {one.action} on {one.resource}"


def mutated(document: Mapping[str, Any], mutant: Mutant) -> dict[str, Any]:
    """Return the policy with the mutant's change; equal when it has none to make."""
    statements = [dict(one) for one in document["Statement"]]
    if mutant.is_added:
        extra = {
            "Sid": ADDED,
            "Effect": "Allow",
            "Action": mutant.action,
            "Resource": mutant.resource,
        }
        return {**document, "Statement": [*statements, extra]}
    kept = []
    for one in statements:
        listed = several(one["Action"])
        rest = [action for action in listed if action != mutant.action]
        if rest or one["Effect"] != "Allow":
            kept.append({**one, "Action": rest or listed})
    return {**document, "Statement": kept}
