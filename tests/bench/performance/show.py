"""The results as a table for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from bench.performance.results import GATES, METRICS, ratio
from bench.performance.subjects import FLOOR, NAMES, PEER

if TYPE_CHECKING:
    from bench.performance.results import Results

COLUMNS = ("", *NAMES, f"of {PEER}", f"of {FLOOR}", "gate")


def rows(results: Results) -> list[tuple[str, ...]]:
    """Return a row per metric: medians, ratios, the gate."""
    gates = {gate.metric: f"≤ {gate.bound:.2f}" for gate in GATES}
    return [
        (
            f"{metric.title}, {metric.unit}".removesuffix(", "),
            *(figure(results[metric.name][name].median) for name in NAMES),
            f"{ratio(results, metric.name):.2f}",
            f"{ratio(results, metric.name, FLOOR):.1f}",
            gates.get(metric.name, ""),
        )
        for metric in METRICS
        if metric.name in results
    ]


def figure(value: float) -> str:
    """Write a number with three digits that count."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def table(results: Results) -> Table:
    """Return the terminal's table."""
    shown = Table(*COLUMNS, title="medians of interleaved runs; less is better")
    for column in shown.columns[1:]:
        column.justify = "right"
    for row in rows(results):
        shown.add_row(*row)
    return shown
