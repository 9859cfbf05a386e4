"""The figures of docs/performance.md: written from the stored ones, never by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.environments import ROOT
from performance import picture, results
from performance.show import COLUMNS, rows

if TYPE_CHECKING:
    from collections.abc import Mapping

PAGE = ROOT / "docs" / "performance.md"
PICTURE = ROOT / "docs" / "performance.svg"
STORED = ROOT / "docs" / "performance.json"
_BEGIN, _END = "<!-- figures: written by tox -e bench -->\n", "<!-- figures end -->\n"


def write() -> None:
    """Write the page's figures and its picture from the stored results."""
    page, drawn = rendered(PAGE.read_text())
    PAGE.write_text(page)
    PICTURE.write_text(drawn)


def rendered(page: str) -> tuple[str, str]:
    """Return the page with the stored figures, and the picture."""
    found, about = results.read(STORED)
    before, _, rest = page.partition(_BEGIN)
    after = rest.partition(_END)[2]
    figures = _figures(found, about)
    return f"{before}{_BEGIN}{figures}{_END}{after}", picture.draw(found)


def _figures(found: results.Results, about: Mapping[str, object]) -> str:
    said = (
        f"Measured at {about['at']}: Python {about['python']} on {about['machine']}, "
        f"{about['cpus']} CPUs at a load of {about['load']}; medians, "
        f"{about['coldProcesses']} fresh processes per cold figure."
    )
    table = [
        "| " + " | ".join(COLUMNS) + " |",
        "|---" + "|---:" * (len(COLUMNS) - 1) + "|",
        *("| " + " | ".join(row) + " |" for row in rows(found)),
    ]
    return "\n".join(["", said, "", *table, "", ""])
