"""What a skewed load does: an order's refunds share one partition of the index."""

from bench.markdown import percent, table, whole
from bench.scale.accepting import served_of_order, zipf_shares
from bench.scale.limits import Bound, Limits
from bench.scale.scenario import Scenario, skewed
from bench.scale.simulation import simulate
from bench.svg import Axis, Line, lines, picture

_EXPONENTS = (0.6, 0.8, 0.9, 1.0, 1.1, 1.2, 1.4, 1.6, 1.8, 2.0)
_SHOWN = (0.8, 1.0, 1.2, 1.6, 2.0)
_ORDERS = 100_000
_RATES = (1_000, 20_000)

type Away = dict[int, dict[float, float]]


def skew_section(stacks: dict[int, Scenario]) -> dict[str, str]:
    """Return the section's texts by placeholder, and its pictures by file name."""
    away: Away = {
        rate: {
            exponent: _away(skewed(stacks[rate], rate, exponent))
            for exponent in _EXPONENTS
        }
        for rate in _RATES
    }
    partition = Limits().partition_write_units_per_s
    texts = {
        "partition": whole(partition),
        "hot_order": whole(partition / 2),
        "orders": whole(_ORDERS),
        "skew": _table(away, stacks[1_000].settings.max_receive_count),
    }
    return texts | {"scale-skew.svg": _picture(away)}


def _away(scenario: Scenario) -> float:
    line = simulate(scenario)
    return line.turned_away[Bound.INDEX_PARTITION] / line.asked[-1]


def _table(away: Away, receives: int) -> str:
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


def _picture(away: Away) -> str:
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
