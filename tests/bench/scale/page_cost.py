"""What a million refunds cost: ours and the peer's, by service and by rate."""

from dataclasses import replace

from bench.markdown import table
from bench.scale import cost
from bench.scale.cost import SERVICES, Load
from bench.scale.durations import ASSUMED, LIKELY, WHOLE_VCPU_MB, Handler, Range
from bench.scale.local_prediction import kept
from bench.scale.scenario import RATES, Base, Scenario, steady
from bench.scale.simulation import simulate
from bench.svg import Bar, bars, picture
from sam_harness.template import document
from service.checkout import TEMPLATE
from service.telemetry import dashboard_metrics

_STEADY_S = 600
_METRIC_FILTER = "AWS::Logs::MetricFilter"


def cost_section(base: Base, stacks: dict[int, Scenario]) -> dict[str, str]:
    """Return the section's texts by placeholder, and its pictures by file name."""
    ours, peer = base.handler, Handler.named("peer")
    loads = {each: _load(base, stacks[each], each) for each in RATES}
    costs = {
        (handler.name, each): cost.per_million(load, handler)
        for each, load in loads.items()
        for handler in (ours, peer)
    }
    mine, theirs = costs["ours", 1_000], costs["peer", 1_000]
    compute = [one["Lambda compute"] for one in (mine, theirs)]
    texts = {
        "cost": _by_service(mine, theirs),
        "cost_by_rate": _by_rate(loads, costs),
        "prices": _prices(),
        "prices_read_on": cost.READ_ON,
        "fixed": f"{_fixed():.2f}",
        "undecided_cost": f"{2 * cost.MILLION * cost.WRITE_UNITS.usd:.2f}",
        "sweeps_month": f"{cost.sweeps_per_month():.2f}",
        "read_cost": f"{cost.MILLION * cost.REST_REQUESTS.usd:.2f}",
        "total": f"{cost.total(mine).likely:.2f}",
        "peer_total": f"{cost.total(theirs).likely:.2f}",
        "memory": str(base.settings.memory_mb),
        "vcpu": f"{WHOLE_VCPU_MB:,}",
        "core": f"{LIKELY.core:g}",
        "core_low": f"{ASSUMED[0].core:g}",
        "core_high": f"{ASSUMED[2].core:g}",
        "read_ms": f"{LIKELY.read_s * 1000:g}",
        "put_ms": f"{LIKELY.put_s * 1000:g}",
        "send_ms": f"{LIKELY.send_s * 1000:g}",
        "sampled": f"{cost.SAMPLED_SHARE:.0%}",
        "compute_ratio": f"{compute[1].likely / compute[0].likely:.1f}",
        "our_ms": _billed_ms(loads[1_000], ours),
        "peer_ms": _billed_ms(loads[1_000], peer),
        "pollers_month": f"{100 * 720 * cost.POLLER_HOURS.usd:,.0f}",
    }
    return texts | {"scale-cost.svg": _picture(costs)}


def _load(base: Base, stack: Scenario, rate: float) -> Load:
    """Return a load with the batches that the simulation fills under it."""
    run = replace(stack, rate=steady(rate), duration_s=_STEADY_S, step_s=1)
    line = simulate(run)
    return Load(
        rate,
        line.receives[-1] / line.batches[-1],
        base.settings.memory_mb,
        kept().log_bytes_per_refund,
    )


def _fixed() -> float:
    """Return USD a month that no refund changes: metrics, alarms, the schedule."""
    resources = document.load(TEMPLATE)["Resources"]
    # An alarm on a share watches, and costs, each metric that it counts with.
    watched = [
        one["Properties"].get("Metrics", [{"MetricStat": {}}])
        for one in resources.values()
        if one["Type"] == "AWS::CloudWatch::Alarm"
    ]
    alarms = sum("MetricStat" in metric for some in watched for metric in some)
    # Of the API for each method and the stage; of the functions what is drawn.
    api_metrics = 3 * 5
    body = resources["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    drawn = {name for space, name, _ in dashboard_metrics(body) if space == "Refunds"}
    filters = [one for one in resources.values() if one["Type"] == _METRIC_FILTER]
    metrics = (len(drawn) + api_metrics + len(filters)) * cost.METRICS.usd
    return metrics + alarms * cost.ALARMS.usd + cost.sweeps_per_month()


def _billed_ms(load: Load, handler: Handler) -> str:
    billed_s = cost.gb_seconds(load, handler, LIKELY) / (load.memory_mb / 1024)
    return f"{billed_s * 1000:.0f}"


def _by_service(mine: dict[str, Range], theirs: dict[str, Range]) -> str:
    rows = [
        (service, _usd(mine[service]), _usd(theirs[service])) for service in SERVICES
    ]
    totals = [f"**{_usd(cost.total(one))}**" for one in (mine, theirs)]
    head = ("USD per million refunds", "ours", "peer's handler")
    return table(head, [*rows, ("**in all**", *totals)])


def _by_rate(
    loads: dict[int, Load], costs: dict[tuple[str, int], dict[str, Range]]
) -> str:
    rows = []
    for each, load in loads.items():
        totals = [cost.total(costs[name, each]) for name in ("ours", "peer")]
        millions = load.per_month / cost.MILLION
        a_month = [f"{millions * one.likely:,.0f}" for one in totals]
        batch = f"{load.refunds_per_batch:.1f}"
        rows.append((f"{each:,}", batch, *map(_usd, totals), *a_month))
    head = ["refunds/s", "refunds a batch", "ours, per million", "peer's, per million"]
    head += ["ours, USD a month", "peer's, USD a month"]
    return table(head, rows)


def _usd(value: Range) -> str:
    if abs(value.high - value.low) < 0.005:
        return f"{value.likely:.2f}"
    return f"{value.likely:.2f} ({value.low:.2f} to {value.high:.2f})"


def _prices() -> str:
    rows = [
        (
            price.unit,
            f"{price.usd * cost.MILLION:g} per million"
            if price.usd < 0.0001
            else f"{price.usd:g}",
            f"[page]({price.page})",
            price.checked or "not confirmed",
        )
        for price in cost.PRICES
    ]
    return table(("unit", "USD", "AWS's page", "confirmed by"), rows)


def _picture(costs: dict[tuple[str, int], dict[str, Range]]) -> str:
    rows = []
    for each in RATES:
        for name in ("ours", "peer"):
            found = costs[name, each]
            parts = [(found[service].likely, c) for c, service in enumerate(SERVICES)]
            label = f"{name}, {each:,}/s"
            rows.append(Bar(label, parts, f"{cost.total(found).likely:.2f} USD"))
    end = max(sum(value for value, _ in row.parts) for row in rows)
    chart = bars("USD per million refunds", SERVICES, rows, end, left=180)
    return picture("What a million refunds cost", [chart])
