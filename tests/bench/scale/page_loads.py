"""Loads that are not steady: from nothing to all at once, in bursts, skewed."""

from dataclasses import replace

from bench.markdown import clock, percent, table, whole
from bench.scale.accepting import served_of_order, zipf_shares
from bench.scale.limits import Bound, Limits, Pollers
from bench.scale.scenario import HOUR_S, MINUTE_S, Scenario, Skew, bursts, steady
from bench.scale.simulation import simulate
from bench.svg import Axis, Line, lines, picture

_EXPONENTS = (0.6, 0.8, 0.9, 1.0, 1.1, 1.2, 1.4, 1.6, 1.8, 2.0)
_SHOWN = (0.8, 1.0, 1.2, 1.6, 2.0)
_ORDERS = 100_000
_RATES = (1_000, 20_000)

type Away = dict[int, dict[float, float]]


def loads_section(stacks: dict[int, Scenario]) -> dict[str, str]:
    """Return the section's texts by placeholder, and its pictures by file name."""
    away: Away = {
        rate: {exponent: _away(stacks[rate], rate, exponent) for exponent in _EXPONENTS}
        for rate in _RATES
    }
    partition = Limits().partition_write_units_per_s
    texts = {
        "partition": whole(partition),
        "hot_order": whole(partition / 2),
        "orders": whole(_ORDERS),
        "bursts": _bursts(stacks),
        "skew": _skew_table(away, stacks[1_000].settings.max_receive_count),
    }
    return texts | {
        "scale-skew.svg": _skew_picture(away),
        "scale-start.svg": _start_picture(stacks[20_000]),
    }


def _start_picture(stack: Scenario) -> str:
    pollers = replace(stack.settings, pollers=Pollers(minimum=100, maximum=300))
    mappings = {
        "standard mapping: 5 at first, 300 more a minute": stack.settings,
        "provisioned mode, 100 to 300 pollers": pollers,
    }
    series, most, end_s = [], 0, HOUR_S / 4
    for name, settings in mappings.items():
        run = replace(stack, rate=steady(20_000), duration_s=end_s, settings=settings)
        line = simulate(run)
        series.append(Line(name, line.points(line.backlog, end_s, MINUTE_S)))
        most = max(most, *line.backlog)
    top = max(600_000, -(-most // 500_000) * 500_000)
    chart = lines(
        "From nothing to 20,000 refunds/s: accepted, not yet decided",
        Axis.stepped("minutes", 15, 3),
        Axis.stepped("messages", top, 500_000),
        series,
    )
    return picture("Starting at 20,000 refunds per second", [chart])


def _bursts(stacks: dict[int, Scenario]) -> str:
    rows = []
    for rate in (10, 1_000):
        load = bursts(steady(rate), 5, 10 * MINUTE_S, MINUTE_S)
        line = simulate(replace(stacks[rate], rate=load, duration_s=HOUR_S))
        rows.append(
            (
                f"{rate:,}/s, for one minute in ten {5 * rate:,}/s",
                percent(line.turned_away.total() / line.asked[-1]),
                whole(max(line.backlog)),
                clock(line.longest_wait_s()),
            )
        )
    return table(("load", "answered 429", "largest backlog", "oldest message"), rows)


def _away(stack: Scenario, rate: int, exponent: float) -> float:
    """Return the share of refunds that a full index partition turns away."""
    skew = Skew(exponent)
    line = simulate(replace(stack, rate=steady(rate), duration_s=HOUR_S / 4, skew=skew))
    return line.turned_away[Bound.INDEX_PARTITION] / line.asked[-1]


def _skew_table(away: Away, receives: int) -> str:
    rows = []
    for exponent in _SHOWN:
        share = zipf_shares(exponent, _ORDERS, 1)[0]
        row = [f"{exponent:g}", percent(share)]
        for rate in _RATES:
            served = served_of_order(Limits(), rate * share, receives)
            row += [percent(away[rate][exponent]), percent((1 - served) ** receives)]
        rows.append(row)
    head = ["Zipf exponent", "hottest order's share"]
    for rate in _RATES:
        head += [f"answered 503 at {rate:,}/s", "hottest order: accepted, into the DLQ"]
    return table(head, rows)


def _skew_picture(away: Away) -> str:
    chart = lines(
        "Refunds answered 503 because their order's index partition is full",
        Axis.stepped("Zipf exponent of the orders", 2, 1 / 4),
        Axis.stepped("% of refunds", 100, 25),
        [
            Line(f"{rate:,} refunds/s", [(e, turned * 100) for e, turned in by.items()])
            for rate, by in away.items()
        ],
    )
    return picture("A skewed load", [chart])
