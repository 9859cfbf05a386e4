"""All that is known about each cell, and the matrix as text."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from harness.access.evidence import Evidence, Layer
from harness.access.matrix import Cell, Effect, Matrix
from harness.access.use import Balance

MARKS = {True: "yes", False: "NO", None: "-"}


def times(count: int) -> str:
    """Say how often."""
    return "once" if count == 1 else f"{count} times"


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
            return f"used {times(self.used)}"
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
            _used(cell, balance, whole=whole),
        )
        for cell in matrix.cells
    ]


def text(listed: Iterable[Row]) -> list[str]:
    """Return the matrix as lines for a terminal: per role and service, what failed."""
    table: dict[str, list[Row]] = {}
    for row in listed:
        table.setdefault(row.cell.role, []).append(row)
    lines = []
    for role, of_role in table.items():
        lines.append(f"{role}: {_tried(of_role)}")
        lines += [
            f"  {_line(row)}"
            for row in of_role
            if row.cell.effect is Effect.ALLOW or row.fails
        ]
        denied = [row for row in of_role if row.cell.effect is Effect.DENY]
        if denied:
            holding = sum(not row.fails for row in denied)
            lines.append(f"  may not: {holding} of {len(denied)} named denials hold")
    return lines


def _used(cell: Cell, balance: Balance, *, whole: bool) -> int | None:
    if whole and cell in {*balance.idle, *balance.explained}:
        return 0
    return balance.used.get(cell)


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
