"""docs/performance.md and its picture: written from stored figures, never by hand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bench import svg
from bench.markdown import table, three_digits
from bench.performance import parts, regressions
from bench.performance.results import GATES, METRICS, ratio, read
from bench.performance.subjects import FLOOR, NAMES, OURS, PEER
from service.checkout import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.performance.results import Metric, Results

PAGE = ROOT / "docs" / "performance.md"
PICTURE = ROOT / "docs" / "performance.svg"
STORED = ROOT / "docs" / "performance.json"
COLUMNS = ("", *NAMES, f"of {PEER}", f"of {FLOOR}", "gate")
DRAWN = (
    "receiver_cold_cpu",
    "receiver_warm_cpu",
    "reader_warm_cpu",
    "receiver_peak_memory",
    "processor_cpu_of_10",
    "processor_wall_at_4_ms",
)
# How the picture names each subject, and its colour there.
_DRAWN_AS = {OURS: ("ours", 3), PEER: ("the usual way", 7), FLOOR: ("no SDK at all", 4)}
_BEGIN = "<!-- {}: written by tox -e bench -->\n"
_END = "<!-- {} end -->\n"


def write() -> None:
    """Write the page's figures and its picture from the stored results."""
    page, picture = rendered(PAGE.read_text())
    PAGE.write_text(page)
    PICTURE.write_text(picture)


def rendered(page: str) -> tuple[str, str]:
    """Return the page with the stored figures, and the picture."""
    stored: dict[str, Any] = json.loads(STORED.read_text())
    found, about = read(STORED)
    sections = {"figures": _figures(found, about)}
    for name, section in (("parts", _parts), ("regressions", _regressions)):
        sections[name] = section(stored[name]) if name in stored else ""
    for name, text in sections.items():
        begin, end = _BEGIN.format(name), _END.format(name)
        before, _, rest = page.partition(begin)
        after = rest.partition(end)[2]
        page = f"{before}{begin}\n{text}\n\n{end}{after}"
    return page, draw(found)


def rows(results: Results) -> list[tuple[str, ...]]:
    """Return a row per metric: medians, ratios, the gate."""
    gates = {name: f"≤ {bound:.2f}" for name, bound in GATES.items()}
    return [
        (
            f"{metric.title}, {metric.unit}".removesuffix(", "),
            *(three_digits(results[metric.name][name].median) for name in NAMES),
            f"{ratio(results, metric.name):.2f}",
            f"{ratio(results, metric.name, FLOOR):.1f}",
            gates.get(metric.name, ""),
        )
        for metric in METRICS
        if metric.name in results
    ]


def draw(results: Results) -> str:
    """Return the picture as SVG: bars in proportion to what the usual way takes."""
    charts = [_chart(one, results) for one in METRICS if one.name in DRAWN]
    return svg.picture("What the functions take: less is better", charts)


def _chart(metric: Metric, results: Results) -> tuple[str, int]:
    medians = {name: results[metric.name][name].median for name in NAMES}
    bars = []
    for name, (label, colour) in _DRAWN_AS.items():
        share = medians[name] / medians[PEER]
        said = "" if name == PEER else f" · {share:.0%} of the usual way"
        end = f"{three_digits(medians[name])} {metric.unit}{said}"
        # Not longer than the picture, and never too short to be seen.
        bars.append(svg.Bar(label, [(max(0.005, min(share, 1.1)), colour)], end))
    return svg.bars(metric.title, (), bars, end=1.3, left=130, pitch=21)


def _figures(found: Results, about: Mapping[str, object]) -> str:
    return (
        f"Measured at {about['at']}: Python {about['python']} on {about['machine']},\n"
        f"{about['cpus']} CPUs at a load of {about['load']}; medians,\n"
        f"{about['coldProcesses']} fresh processes per cold figure with a gate.\n\n"
        + table(COLUMNS, rows(found), numbers=True)
    )


def _parts(stored: Mapping[str, Any]) -> str:
    said = f"Medians of {stored['rounds']} fresh processes each, at {stored['at']}."
    shown = parts.rows(stored["medians"])
    return f"{said}\n\n{table(('CPU time', '', 'share'), shown, numbers=True)}"


def _regressions(stored: Mapping[str, Any]) -> str:
    columns = ("made worse", "gate", "of peer_usual", "at most")
    shown = table(columns, regressions.rows(stored["measured"]), numbers=True)
    return f"Measured at {stored['at']}.\n\n{shown}"
