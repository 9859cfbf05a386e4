"""The table of outcomes: whole in reports/, and in short on the page of the promise."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from bench.markdown import table
from faults.cells import CALLS, STARTS, TIMES, Cell
from faults.scenarios import REDRIVEN, REPEATED, UNNOTICED
from sam_harness.errors import HarnessError
from service.checkout import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from faults.cells import AnyCell
    from faults.scenarios import Finding

    type Findings = Mapping[AnyCell, Finding]

PAGE = ROOT / "docs" / "promise.md"
REPORT = ROOT / "reports" / "faults.md"
_BEGIN, _END = "<!-- by `tox -e faults -- --write` -->\n", "<!-- to here -->\n"
_HOW = (UNNOTICED, REPEATED, REDRIVEN)


def command(cell: AnyCell) -> str:
    """Return what runs this cell alone."""
    long = " --long" if isinstance(cell, Cell) and cell.then else ""
    return f".tools/bin/tox run -q -e faults --{long} --only {cell.name}"


def whole(findings: Findings) -> str:
    """Return the report: a row per call and fault, and what broke the promise."""
    rows = []
    columns = [(times, start) for times in TIMES for start in STARTS]
    by_name = {cell.name: finding for cell, finding in findings.items()}
    for call in CALLS:
        for fault in call.faults:
            cells = [Cell(call, fault, *column) for column in columns]
            told = [_told(by_name.get(cell.name)) for cell in cells]
            if any(told):
                rows.append((call.name, fault.name, *told))
    head = ("call", "fault", *(f"{times}, {start}" for times, start in columns))
    others = [
        (cell.name.removeprefix("delivery/"), _told(finding))
        for cell, finding in findings.items()
        if not isinstance(cell, Cell) or cell.then
    ]
    return "\n\n".join(
        (
            "# What failed, and what it took to repair it",
            f"{len(findings)} cells, {len(broken(findings))} violated.",
            *_violations(findings),
            table(head, rows),
            table(("delivery, or two faults in a row", ""), sorted(others)),
            "",
        )
    )


def _told(finding: Finding | None) -> str:
    if finding is None:
        return ""
    return "**VIOLATED**" if finding.broken else finding.outcome


def _violations(findings: Findings) -> list[str]:
    return [
        "\n".join([f"- `{command(cell)}`", *(f"  - {one}" for one in finding.broken)])
        for cell, finding in broken(findings).items()
    ]


def broken(findings: Findings) -> Findings:
    """Return those that broke the promise."""
    return {cell: finding for cell, finding in findings.items() if finding.broken}


def short(findings: Findings) -> str:
    """Return a row per call: how many cells, and what it took to repair them."""
    rows = []
    for call in CALLS:
        of_call = [
            finding
            for cell, finding in findings.items()
            if isinstance(cell, Cell) and cell.call.name == call.name
        ]
        outcomes = Counter(finding.outcome for finding in of_call)
        rows.append((call.name, len(call.faults), len(of_call), *_counted(outcomes)))
    deliveries = [one for one in findings if not isinstance(one, Cell)]
    rows.append(("deliveries", "", len(deliveries), "", "", ""))
    rows.append(("all", "", len(findings), "", "", ""))
    head = (
        "call", "faults", "cells", "unnoticed", "repeated or redelivered", "redriven",
    )  # fmt: skip
    return table(head, rows, numbers=True) + "\n"


def _counted(outcomes: Mapping[str, int]) -> list[int]:
    return [outcomes.get(how, 0) for how in _HOW]


def page_with(text: str) -> str:
    """Return the page of the promise with this table in its place.

    Raises:
        HarnessError: the page has no such place.
    """
    page = PAGE.read_text()
    head, begin, rest = page.partition(_BEGIN)
    _, end, tail = rest.partition(_END)
    if not begin or not end:
        raise HarnessError(f"{PAGE.name} has no place between {_BEGIN!r} and {_END!r}")
    return f"{head}{begin}\n{text}\n{end}{tail}"


def other_cells_on_page(text: str) -> list[str]:
    """Return the calls whose faults and cells are other ones on the page."""
    on_page = {_cells(line) for line in PAGE.read_text().splitlines()}
    return [
        found[0] for line in text.splitlines() if (found := _cells(line)) not in on_page
    ]


def _cells(line: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in line.split("|")[1:4])
