"""An hour without the payment gateway: backlog, alarms, dead letters, drain."""

from dataclasses import dataclass, replace

from bench.markdown import clock, percent, table, whole
from bench.scale.ladder import HEADROOM, processors_needed
from bench.scale.limits import Pollers
from bench.scale.scenario import (
    HOUR_S,
    MINUTE_S,
    Base,
    Scenario,
    bursting,
    cold_start,
    outage,
    redriven,
    weak_gateway,
)
from bench.scale.simulation import Timeline, simulate
from bench.svg import Axis, Line, Mark, lines, picture

PATIENT = 25
_POINTS = 240
_SHOWN_HOURS = 2
# What a weak payment gateway takes of 1,000 refunds per second.
_WEAK_PER_S = 800


@dataclass(frozen=True, slots=True)
class Case:
    """One outage as it went."""

    name: str
    scenario: Scenario
    line: Timeline

    @property
    def dead_after_s(self) -> float | None:
        """When, since the outage's begin, the first message was in the DLQ."""
        dead_s = self.line.first(self.line.dead)
        return dead_s and dead_s - self.scenario.gateway.outage[0]

    @property
    def alarm_after_s(self) -> float | None:
        """When, since the outage's begin, the age alarm rings."""
        rings_s = self.line.age_alarm(self.scenario.settings.oldest_message_alarm_s)
        return rings_s and rings_s - self.scenario.gateway.outage[0]

    def row(self) -> tuple[str, ...]:
        """Return its row of the table; times count from the outage's begin."""
        begin_s, end_s = self.scenario.gateway.outage
        line = self.line
        rate_per_s = self.scenario.rate(0)
        drained_s = line.drained_s(end_s + 1, max(50, round(3 * rate_per_s)))
        most = max(line.dead)
        return (
            self.name,
            clock(self.dead_after_s) if self.dead_after_s else "never",
            whole(most),
            percent(most / line.per_s(line.accepted, begin_s, end_s) / HOUR_S),
            clock(self.alarm_after_s) if self.alarm_after_s else "never",
            whole(max(line.backlog)),
            clock(drained_s and drained_s - end_s),
        )


def outage_section(base: Base, stacks: dict[int, Scenario]) -> dict[str, str]:
    """Return the section's texts by placeholder, and its pictures by file name."""
    cases = _cases(stacks)
    head = ("case", "first in the DLQ", "in the DLQ", "of the hour's refunds",
            "age alarm", "largest backlog", "drained after")  # fmt: skip
    shown = [cases[0], cases[3]]
    own = base.settings
    horizon_s = own.visibility_timeout_s * own.max_receive_count
    redrive = simulate(redriven(cases[0].scenario, 50))
    end_s = cases[0].scenario.gateway.outage[1]
    redriven_s = next(
        (step + 1) * redrive.step_s
        for step, dead in enumerate(redrive.dead)
        if not dead and step * redrive.step_s > end_s + 601
    )
    texts = {
        "alarm": clock(own.oldest_message_alarm_s),
        "outages": table(head, [case.row() for case in cases]),
        "receives": str(own.max_receive_count),
        "visibility_s": f"{own.visibility_timeout_s:g}",
        "horizon": clock(horizon_s),
        "patient": str(PATIENT),
        "patient_horizon": clock(PATIENT * own.visibility_timeout_s),
        "redriven": clock(redriven_s - end_s - 600),
        "bursts": _bursts(stacks),
        "alarm_after": clock(cases[2].alarm_after_s),
        **_weak_gateway(stacks[1_000]),
    }
    return texts | {
        "scale-outage.svg": picture(
            "An hour without the payment gateway at 10 refunds per second",
            [_chart(case) for case in shown],
        ),
        "scale-start.svg": _start_picture(stacks[20_000]),
    }


def _weak_gateway(stack: Scenario) -> dict[str, str]:
    """Compare Processors for the load with Processors for what the gateway takes."""
    most = stack.settings.maximum_concurrency
    fits = int(processors_needed(stack, _WEAK_PER_S) / HEADROOM)
    crowd, few = (
        simulate(weak_gateway(stack, 1_000, _WEAK_PER_S, processors))
        for processors in (most, fits)
    )
    return {
        "weak": whole(_WEAK_PER_S),
        "weak_most": str(most),
        "weak_fits": str(fits),
        "weak_dead": whole(crowd.dead[-1]),
        "weak_few_dead": whole(few.dead[-1]),
        "weak_backlog": whole(few.backlog[-1]),
    }


def _cases(stacks: dict[int, Scenario]) -> list[Case]:
    slow, fast = stacks[10], stacks[1_000]
    patient = f"`MaxReceiveCount={PATIENT}`"
    given = {
        "10/s, calls hang": outage(slow, 10),
        "the same, oldest messages first": replace(outage(slow, 10), oldest_first=True),
        "10/s, calls are refused": outage(slow, 10, hangs=False),
        f"10/s, calls hang, {patient}": outage(slow, 10, max_receive_count=PATIENT),
        f"10/s, calls are refused, {patient}":
            outage(slow, 10, hangs=False, max_receive_count=PATIENT),
        "1,000/s, calls hang": outage(fast, 1_000, hours=12),
        "1,000/s, calls are refused": outage(fast, 1_000, hangs=False, hours=12),
        f"1,000/s, calls are refused, {patient}":
            outage(fast, 1_000, hangs=False, hours=12, max_receive_count=PATIENT),
    }  # fmt: skip
    return [Case(name, run, simulate(run)) for name, run in given.items()]


def _chart(case: Case) -> tuple[str, int]:
    line, begin_s = case.line, case.scenario.gateway.outage[0]
    alarms = (("DLQ alarm", case.dead_after_s), ("age alarm", case.alarm_after_s))
    marks = [
        Mark((begin_s + after_s) / HOUR_S, f"{name}: +{clock(after_s)}")
        for name, after_s in alarms
        if after_s
    ]
    return lines(
        case.name.replace("`", ""),
        Axis.stepped("hours", _SHOWN_HOURS, 1 / 4),
        Axis.stepped("messages", 40_000, 10_000),
        [
            Line("waiting", _points(line, line.waiting)),
            Line("in flight: hidden until the next try", _points(line, line.in_flight)),
            Line("dead-letter queue", _points(line, line.dead)),
        ],
        shaded=(begin_s / HOUR_S, case.scenario.gateway.outage[1] / HOUR_S),
        marks=marks,
    )


def _points(line: Timeline, series: list[int]) -> list[tuple[float, float]]:
    steps = min(len(series), round(_SHOWN_HOURS * HOUR_S / line.step_s))
    every = max(1, steps // _POINTS)
    return [
        ((step + 1) * line.step_s / HOUR_S, series[step])
        for step in range(0, steps, every)
    ]


def _provisioned(stack: Scenario) -> Scenario:
    pollers = Pollers(minimum=100, maximum=300)
    return replace(stack, settings=replace(stack.settings, pollers=pollers))


def _start_picture(stack: Scenario) -> str:
    series, top = [], 600_000
    for name, scenario in (
        ("standard mapping: 5 at first, 300 more a minute", stack),
        ("provisioned mode, 100 to 300 pollers", _provisioned(stack)),
    ):
        line = simulate(cold_start(scenario, 20_000))
        points = [(x * HOUR_S / MINUTE_S, y) for x, y in _points(line, line.backlog)]
        series.append(Line(name, points))
        top = max(top, -(-max(line.backlog) // 500_000) * 500_000)
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
        line = simulate(bursting(stacks[rate], rate))
        rows.append(
            (
                f"{rate:,}/s, for one minute in ten {5 * rate:,}/s",
                percent(line.turned_away.total() / line.asked[-1]),
                whole(max(line.backlog)),
                clock(line.longest_wait_s()),
            )
        )
    return table(("load", "answered 429", "largest backlog", "oldest message"), rows)
