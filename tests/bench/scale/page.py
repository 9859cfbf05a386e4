"""docs/scale.md: the words of page.md with the figures of the simulation in it.

A section is one dictionary: texts by their placeholder in page.md, and pictures by
file name.
"""

from collections.abc import Callable
from pathlib import Path

from bench.markdown import table
from bench.scale.local_prediction import (
    GATEWAY_TIMEOUT_S,
    LONGEST_RETRY_S,
    RECEIVES,
    Comparison,
    Plan,
    kept,
)
from bench.scale.page_cost import cost_section
from bench.scale.page_limits import limits_section
from bench.scale.page_loads import loads_section
from bench.scale.page_outage import outage_section
from bench.scale.scenario import Base
from service.checkout import ROOT

PATH = ROOT / "docs" / "scale.md"
_WORDS = Path(__file__).with_name("page.md")


def render(on_progress: Callable[[str], None]) -> dict[Path, str]:
    """Run every simulation; return the text of the page and of each picture."""
    base = Base.of("ours")
    on_progress("limits: each raised in turn")
    found, stacks = limits_section(base)
    on_progress("outages of the payment gateway")
    found |= outage_section(base, stacks)
    on_progress("a cold start, bursts, skewed orders")
    found |= loads_section(stacks)
    on_progress("costs")
    found |= cost_section(base, stacks) | _local_section()
    written = {PATH: _WORDS.read_text().format_map(found)}
    pictures = {name: svg for name, svg in found.items() if name.endswith(".svg")}
    return written | {PATH.with_name(name): svg for name, svg in pictures.items()}


def _local_section() -> dict[str, str]:
    """Return how the simulation did against the measured run on the local stack."""
    run, plan = kept(), Plan()
    begins_s, ends_s = plan.outage
    return {
        "local": compared(run.comparisons),
        "local_day": run.day,
        "local_batch_ms": f"{run.batch_s * 1000:.0f}",
        "local_refused_ms": f"{run.refused_batch_s * 1000:.0f}",
        "local_gateway_ms": f"{plan.gateway_s * 1000:.0f}",
        "local_rate": f"{plan.rate_per_s:g}",
        "local_load_s": f"{plan.load_s:g}",
        "local_outage_s": f"{ends_s - begins_s:g}",
        "local_retry_s": f"{LONGEST_RETRY_S:g}",
        "local_receives": str(RECEIVES),
        "local_timeout_s": f"{GATEWAY_TIMEOUT_S:g}",
        "log_bytes": f"{run.log_bytes_per_refund:,.0f}",
    }


def compared(comparisons: tuple[Comparison, ...]) -> str:
    """Return measured against predicted as a table."""
    rows = [
        (
            f"{one.what}, {one.unit}",
            _number(one.measured),
            _number(one.predicted),
            f"± {_number(one.tolerance)}",
            "yes" if one.fits else "**no**",
        )
        for one in comparisons
    ]
    return table(("figure", "measured", "predicted", "tolerance", "fits"), rows)


def _number(value: float) -> str:
    return f"{value:,.1f}" if abs(value) < 100 else f"{value:,.0f}"
