"""Which limit binds first, and which next once that one is raised."""

import math
from collections import Counter
from dataclasses import dataclass, replace

from bench.scale.limits import Bound, Pollers
from bench.scale.scenario import Scenario
from bench.scale.simulation import Timeline, simulate

HEADROOM = 1.5
_MOST_RUNGS = 12
# Fewer refunds turned away than this do not make a limit.
_NOTICEABLE = 0.002


@dataclass(frozen=True, slots=True)
class Rung:
    """One run: what it reached, what held it up, and what to raise for the next."""

    scenario: Scenario
    accepted_per_s: float
    decided_per_s: float
    bound: Bound | None
    away_share: float
    change: str


def climb(scenario: Scenario, rate_per_s: float) -> list[Rung]:
    """Raise one limit after the other until every refund is decided in time."""
    rungs = []
    for _ in range(_MOST_RUNGS):
        line = simulate(scenario)
        bound = binding(line, scenario)
        raised, change = (
            (scenario, "") if bound is None else _raise(scenario, bound, rate_per_s)
        )
        rung = Rung(
            scenario,
            accepted_per_s=line.accepted[-1] / scenario.duration_s,
            decided_per_s=line.decided[-1] / scenario.duration_s,
            bound=bound,
            away_share=line.turned_away.total() / line.asked[-1],
            change=change,
        )
        rungs.append(rung)
        if raised == scenario:
            break
        scenario = raised
    return rungs


def binding(line: Timeline, scenario: Scenario) -> Bound | None:
    """Return the limit that costs most: at the door first, then at the queue."""
    away = _largest(line.turned_away)
    if away and line.turned_away[away] > _NOTICEABLE * line.asked[-1]:
        return away
    end_s = scenario.duration_s
    accepted = line.per_s(line.accepted, end_s / 2, end_s)
    decided = line.per_s(line.decided, end_s / 2, end_s)
    behind = line.backlog[-1] > 60 * max(accepted, 1)
    if decided < 0.98 * accepted or behind:
        return _largest(line.held_up)
    return None


def _largest(counts: Counter[Bound]) -> Bound | None:
    return max(counts, key=lambda bound: counts[bound], default=None)


def processors_needed(scenario: Scenario, rate_per_s: float) -> int:
    """Return the Processors for a rate, by Little's law, with headroom."""
    batch = scenario.settings.batch_size
    batch_s = scenario.durations.batch_s + scenario.gateway.slowest_s(batch)
    return math.ceil(HEADROOM * rate_per_s / batch * batch_s)


def _raise(scenario: Scenario, bound: Bound, rate_per_s: float) -> tuple[Scenario, str]:
    """Return the scenario with one limit raised, and how that is said."""
    settings, limits = scenario.settings, scenario.limits
    requests = rate_per_s * (1 + scenario.reads_per_refund)
    processors = processors_needed(scenario, rate_per_s)
    concurrency = math.ceil(
        processors + HEADROOM * rate_per_s * scenario.durations.receiver_s
    )
    writes = 2 * rate_per_s * HEADROOM
    match bound:
        case Bound.THROTTLE_RATE:
            rate = _round_up(requests * HEADROOM)
            change = f"`ThrottleRate={rate:g}`, `ThrottleBurst={2 * rate:g}`"
            settings = replace(settings, throttle_rate=rate, throttle_burst=2 * rate)
        case Bound.QUOTA_PER_DAY:
            quota = _round_up(requests * 86_400 * HEADROOM)
            change = f"`QuotaPerDay={quota:.0f}`"
            settings = replace(settings, quota_per_day=quota)
        case Bound.API_ACCOUNT:
            rate = _round_up(requests * HEADROOM)
            change = f"API Gateway's account throttle to {rate:,.0f}/s"
            limits = replace(limits, api_requests_per_s=rate, api_burst=rate / 2)
        case Bound.LAMBDA_CONCURRENCY | Bound.LAMBDA_REQUESTS | Bound.LAMBDA_SCALING:
            most = max(concurrency, math.ceil(HEADROOM * rate_per_s / 10))
            most = int(_round_up(most))
            change = f"Lambda's concurrent executions to {most:,}"
            limits = replace(limits, lambda_concurrency=most)
        case Bound.TABLE_WARM:
            units = _round_up(writes)
            change = f"`WarmThroughput` of table and index to {units:,.0f} writes/s"
            return replace(scenario, warm_write_units_per_s=units), change
        case Bound.TABLE_QUOTA:
            units = _round_up(writes)
            change = f"DynamoDB's table-level write throughput to {units:,.0f}/s"
            limits = replace(limits, table_write_units_per_s=units)
        case Bound.MAXIMUM_CONCURRENCY if processors <= 1_000:
            most = int(_round_up(processors))
            change = f"`MaximumConcurrency={min(most, 1_000)}`"
            settings = replace(settings, maximum_concurrency=min(most, 1_000))
        case _:
            pollers = _pollers(scenario, processors, rate_per_s)
            change = (
                f"`MaximumConcurrency=0`, `MinimumPollers={pollers.minimum}`, "
                f"`MaximumPollers={pollers.maximum}`"
            )
            settings = replace(settings, pollers=pollers)
    return replace(scenario, settings=settings, limits=limits), change


def _pollers(scenario: Scenario, processors: int, rate_per_s: float) -> Pollers:
    aws = scenario.limits
    by_polls = rate_per_s / (aws.poller_polls_per_s * scenario.settings.batch_size)
    needed = max(processors / aws.poller_invocations, HEADROOM * by_polls)
    most = int(_round_up(needed))
    return Pollers(minimum=min(200, most), maximum=most)


def _round_up(value: float) -> float:
    """Round up to two digits that matter: a quota is asked for in round numbers."""
    unit = 10.0 ** max(0, math.floor(math.log10(value)) - 1)
    return float(math.ceil(value / unit) * unit)
