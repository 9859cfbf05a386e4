"""Which limit stands where, which binds first and what to raise."""

from bench.markdown import percent, rate, table, whole
from bench.scale.ladder import Rung, climb, processors_needed
from bench.scale.limits import READ_ON, SOURCES, Bound, Limits
from bench.scale.scenario import HOUR_S, RATES, Base, Scenario
from bench.scale.simulation import simulate
from bench.svg import Axis, Bar, Line, bars, lines, picture


def limits_section(base: Base) -> tuple[dict[str, str], dict[int, Scenario]]:
    """Return the part of the page, and for each rate the stack that suffices."""
    ladders = {each: climb(base.first(each), each) for each in RATES}
    texts = {f"ladder_{each}": _ladder(rungs) for each, rungs in ladders.items()}
    first = base.first(1000)
    texts |= {
        "stands": stands_table(base),
        "sources": _sources(),
        "read_on": READ_ON,
        "in_flight": whole(Limits().queue_in_flight),
        "quota_binds": _binds_at(base, Bound.QUOTA_PER_DAY),
        "throttle_binds": _binds_at(base, Bound.THROTTLE_RATE),
        "processors_bind": _binds_at(base, Bound.MAXIMUM_CONCURRENCY),
        "gateway_ms": whole(first.gateway.median_s * 1000),
        "gateway_calls": whole(first.gateway.mean_s() * 1000),
        "receiver_ms": whole(first.durations.receiver_s * 1000),
        "batch_ms": whole(_batch_s(first) * 1000),
        "peer_processors": whole(processors_needed(Base.of("peer").first(1000), 1000)),
        "our_processors": whole(processors_needed(first, 1000)),
        "scale-limits.svg": _ladder_picture(ladders),
        "scale-day.svg": _day_picture(ladders[10]),
    }
    return texts, {each: rungs[-1].scenario for each, rungs in ladders.items()}


def _batch_s(scenario: Scenario) -> float:
    return scenario.durations.batch_s + scenario.gateway.slowest_s(
        scenario.settings.batch_size
    )


def _ladder(rungs: list[Rung]) -> str:
    rows = [
        (
            place,
            rate(rung.accepted_per_s),
            rate(rung.decided_per_s),
            f"**{rung.bound}**" if rung.bound else "none",
            rung.change or "nothing",
        )
        for place, rung in enumerate(rungs, 1)
    ]
    return table(
        ("run", "accepted/s", "decided/s", "binds", "raised for the next run"), rows
    )


def stands(base: Base) -> list[tuple[float, str, str]]:
    """Return refunds per second that each limit lets through, with its arithmetic."""
    own, aws = base.settings, Limits()
    first = base.first(1000)
    requests, batch_s = 1 + first.reads_per_refund, _batch_s(first)
    batches = f"batches of {own.batch_size} in {batch_s * 1000:.0f} ms"
    per_unit = aws.lambda_requests_per_s_per_concurrency
    mean_retry_s = 0.75 * own.longest_retry_s
    per_refund_s = first.durations.receiver_s + batch_s / own.batch_size
    return sorted([
        (own.quota_per_day / 86_400 / requests, Bound.QUOTA_PER_DAY,
         f"{own.quota_per_day:,.0f} a day, {requests:g} requests a refund"),
        (own.throttle_rate / requests, Bound.THROTTLE_RATE,
         f"{own.throttle_rate:g}/s, {requests:g} requests a refund"),
        (own.maximum_concurrency * own.batch_size / batch_s, Bound.MAXIMUM_CONCURRENCY,
         f"{own.maximum_concurrency} {batches}"),
        (aws.partition_write_units_per_s / 2, f"{Bound.INDEX_PARTITION} (one order)",
         f"{aws.partition_write_units_per_s:,.0f} writes/s, 2 a refund"),
        (aws.queue_in_flight / mean_retry_s, f"{Bound.IN_FLIGHT} (when all fail)",
         f"{aws.queue_in_flight:,} hidden for {mean_retry_s:g} s on average"),
        (aws.table_initial_write_units_per_s / 2, f"{Bound.TABLE_WARM} (new table)",
         f"{aws.table_initial_write_units_per_s:,.0f} writes/s, 2 a refund"),
        (aws.api_requests_per_s / requests, Bound.API_ACCOUNT,
         f"{aws.api_requests_per_s:,.0f}/s, {requests:g} requests a refund"),
        (aws.lambda_concurrency * per_unit, Bound.LAMBDA_REQUESTS,
         f"{aws.lambda_concurrency:,} x {per_unit:g}/s"),
        (aws.lambda_concurrency / per_refund_s, Bound.LAMBDA_CONCURRENCY,
         f"{aws.lambda_concurrency:,}, {per_refund_s * 1000:.0f} ms a refund"),
        (aws.table_write_units_per_s / 2, Bound.TABLE_QUOTA,
         f"{aws.table_write_units_per_s:,.0f} writes/s, 2 a refund"),
        (aws.mapping_maximum * own.batch_size / batch_s, Bound.MAPPING_MAXIMUM,
         f"{aws.mapping_maximum:,} {batches}"),
    ])  # fmt: skip


def _binds_at(base: Base, bound: Bound) -> str:
    return next(rate(per_s) for per_s, name, _ in stands(base) if name == bound)


def stands_table(base: Base) -> str:
    """Return them as a table."""
    rows = [(rate(per_s), name, how) for per_s, name, how in stands(base)]
    return table(("refunds/s", "limit", "from"), rows)


def _sources() -> str:
    rows = [
        (source.states, f"[{source.page.rsplit('/', 1)[1]}]({source.page})",
         source.raised_by)
        for source in SOURCES
    ]  # fmt: skip
    return table(("limit", "page", "raised by"), rows)


def _ladder_picture(ladders: dict[int, list[Rung]]) -> str:
    groups: list[tuple[str, int]] = []
    for per_s, rungs in ladders.items():
        rows = [
            Bar(
                rung.bound or "nothing binds",
                [
                    (rung.decided_per_s, 0),
                    (max(0.0, rung.accepted_per_s - rung.decided_per_s), 1),
                ],
                f"{rate(rung.decided_per_s)}/s decided",
            )
            for rung in rungs
        ]
        title = f"{per_s:,} refunds/s: each limit raised in turn"
        legend = () if groups else ("decided in the run", "accepted, not decided")
        groups.append(bars(title, legend, rows, per_s * 1.02, left=270))
    return picture("Which limit binds, run by run", groups)


def _day_picture(rungs: list[Rung]) -> str:
    series = []
    for name, rung in (("as deployed", rungs[0]), ("QuotaPerDay raised", rungs[-1])):
        line = simulate(rung.scenario)
        points = [
            (
                hour + 0.5,
                line.per_s(
                    line.accepted, hour * HOUR_S, (hour + 1) * HOUR_S - line.step_s
                ),
            )
            for hour in range(24)
        ]
        series.append(Line(name, points))
    series.reverse()
    turned = percent(rungs[0].away_share)
    chart = lines(
        f"A day of 10 refunds/s, each read once: {turned} are answered 429",
        Axis.stepped("hour of the day", 24, 4),
        Axis.stepped("accepted/s", 20, 5),
        series,
    )
    return picture("A day at 10 refunds per second", [chart])
