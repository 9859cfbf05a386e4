"""How the simulation did against the load run on the local stack that was kept."""

from scale import measured
from scale.comparison import Comparison
from scale.local_plan import GATEWAY_TIMEOUT_S, VISIBILITY_TIMEOUT_S, Plan
from scale.told import Told, table


def tell_local() -> Told:
    """Return the part of the page."""
    run, plan = measured.kept(), Plan()
    begins_s, ends_s = plan.outage
    return Told(
        {
            "local": compared(run.comparisons),
            "local_day": run.day,
            "local_batch_ms": f"{run.batch_s * 1000:.0f}",
            "local_refused_ms": f"{run.refused_batch_s * 1000:.0f}",
            "local_gateway_ms": f"{plan.gateway_s * 1000:.0f}",
            "local_rate": f"{plan.rate_per_s:g}",
            "local_load_s": f"{plan.load_s:g}",
            "local_outage_s": f"{ends_s - begins_s:g}",
            "local_visibility_s": f"{VISIBILITY_TIMEOUT_S:g}",
            "local_timeout_s": f"{GATEWAY_TIMEOUT_S:g}",
            "log_bytes": f"{run.log_bytes_per_refund:,.0f}",
        }
    )


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
