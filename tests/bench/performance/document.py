"""The figures of docs/performance.md: written from the stored ones, never by hand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bench.performance import parts, picture, regressions, results
from bench.performance.show import COLUMNS, rows
from harness.environments import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

PAGE = ROOT / "docs" / "performance.md"
PICTURE = ROOT / "docs" / "performance.svg"
STORED = ROOT / "docs" / "performance.json"
_BEGIN = "<!-- {}: written by tox -e bench -->\n"
_END = "<!-- {} end -->\n"


def write() -> None:
    """Write the page's figures and its picture from the stored results."""
    page, drawn = rendered(PAGE.read_text())
    PAGE.write_text(page)
    PICTURE.write_text(drawn)


def rendered(page: str) -> tuple[str, str]:
    """Return the page with the stored figures, and the picture."""
    stored: dict[str, Any] = json.loads(STORED.read_text())
    found, about = results.read(STORED)
    sections = {
        "figures": _figures(found, about),
        "parts": _parts(stored["parts"]) if "parts" in stored else [],
        "regressions": _regressions(stored["regressions"])
        if "regressions" in stored
        else [],
    }
    for name, lines in sections.items():
        begin, end = _BEGIN.format(name), _END.format(name)
        before, _, rest = page.partition(begin)
        after = rest.partition(end)[2]
        page = f"{before}{begin}\n" + "\n".join(lines) + f"\n\n{end}{after}"
    return page, picture.draw(found)


def _figures(found: results.Results, about: Mapping[str, object]) -> list[str]:
    said = [
        f"Measured at {about['at']}: Python {about['python']} on {about['machine']},",
        f"{about['cpus']} CPUs at a load of {about['load']}; medians,",
        f"{about['coldProcesses']} fresh processes per cold figure with a gate.",
        "",
    ]
    return [*said, *_table(COLUMNS, rows(found))]


def _parts(stored: Mapping[str, Any]) -> list[str]:
    said = f"Medians of {stored['rounds']} fresh processes each, at {stored['at']}."
    shown = parts.rows(stored["medians"])
    return [said, "", *_table(("CPU time", "", "share"), shown)]


def _regressions(stored: Mapping[str, Any]) -> list[str]:
    columns = ("made worse", "gate", "of peer_usual", "at most")
    shown = regressions.rows(stored["measured"])
    return [f"Measured at {stored['at']}.", "", *_table(columns, shown)]


def _table(columns: Sequence[str], shown: Iterable[Sequence[str]]) -> list[str]:
    return [
        "| " + " | ".join(columns) + " |",
        "|---" + "|---:" * (len(columns) - 1) + "|",
        *("| " + " | ".join(row) + " |" for row in shown),
    ]
