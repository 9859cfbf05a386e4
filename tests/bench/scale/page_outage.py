"""An hour without the payment gateway: backlog, alarms, dead letters, drain."""

from dataclasses import dataclass, replace

from bench.markdown import clock, percent, table, whole
from bench.scale.durations import PaymentGatewayModel
from bench.scale.ladder import HEADROOM, processors_needed
from bench.scale.scenario import HOUR_S, MINUTE_S, Base, Redrive, Scenario, steady
from bench.scale.simulation import Timeline, simulate
from bench.svg import Axis, Line, Mark, lines, picture

PATIENT = 25
_OUTAGE = (10 * MINUTE_S, 70 * MINUTE_S)
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
    own = base.settings
    horizon_s = own.visibility_timeout_s * own.max_receive_count
    texts = {
        "alarm": clock(own.oldest_message_alarm_s),
        "outages": table(head, [case.row() for case in cases]),
        "receives": str(own.max_receive_count),
        "visibility_s": f"{own.visibility_timeout_s:g}",
        "horizon": clock(horizon_s),
        "patient": str(PATIENT),
        "patient_horizon": clock(PATIENT * own.visibility_timeout_s),
        "redriven": clock(_redriven_s(cases[0].scenario, 50)),
        "alarm_after": clock(cases[2].alarm_after_s),
        **_weak_gateway(stacks[1_000]),
    }
    title = "An hour without the payment gateway at 10 refunds per second"
    charts = [_chart(case) for case in (cases[0], cases[3])]
    return texts | {"scale-outage.svg": picture(title, charts)}


def _redriven_s(scenario: Scenario, per_s: float) -> float:
    """Return how long a redrive takes that begins ten minutes after the outage."""
    begin_s = scenario.gateway.outage[1] + 10 * MINUTE_S
    line = simulate(replace(scenario, redrive=Redrive(begin_s, per_s)))
    return next(
        (step + 1) * line.step_s - begin_s
        for step, dead in enumerate(line.dead)
        if not dead and step * line.step_s > begin_s + 1
    )


def _weak_gateway(stack: Scenario) -> dict[str, str]:
    """Compare Processors for the load with Processors for what the gateway takes."""
    most = stack.settings.maximum_concurrency
    fits = int(processors_needed(stack, _WEAK_PER_S) / HEADROOM)
    crowd, few = (
        simulate(
            replace(
                stack,
                rate=steady(1_000),
                duration_s=HOUR_S,
                settings=replace(stack.settings, maximum_concurrency=processors),
                gateway=replace(stack.gateway, capacity_per_s=_WEAK_PER_S),
            )
        )
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
    patient = f"`MaxReceiveCount={PATIENT}`"
    given = {
        "10/s, calls hang": _outage(stacks, 10),
        "the same, oldest messages first":
            replace(_outage(stacks, 10), oldest_first=True),
        "10/s, calls are refused": _outage(stacks, 10, refuses=True),
        f"10/s, calls hang, {patient}": _patient(_outage(stacks, 10)),
        f"10/s, calls are refused, {patient}":
            _patient(_outage(stacks, 10, refuses=True)),
        "1,000/s, calls hang": _outage(stacks, 1_000),
        "1,000/s, calls are refused": _outage(stacks, 1_000, refuses=True),
        f"1,000/s, calls are refused, {patient}":
            _patient(_outage(stacks, 1_000, refuses=True)),
    }  # fmt: skip
    return [Case(name, run, simulate(run)) for name, run in given.items()]


def _outage(
    stacks: dict[int, Scenario], rate_per_s: int, *, refuses: bool = False
) -> Scenario:
    return replace(
        stacks[rate_per_s],
        rate=steady(rate_per_s),
        duration_s=(12 if rate_per_s > 10 else 6) * HOUR_S,
        step_s=1,
        gateway=PaymentGatewayModel(outage=_OUTAGE, refuses=refuses),
    )


def _patient(run: Scenario) -> Scenario:
    return replace(run, settings=replace(run.settings, max_receive_count=PATIENT))


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
            Line(name, line.points(series, _SHOWN_HOURS * HOUR_S, HOUR_S))
            for name, series in {
                "waiting": line.waiting,
                "in flight: hidden until the next try": line.in_flight,
                "dead-letter queue": line.dead,
            }.items()
        ],
        shaded=(begin_s / HOUR_S, case.scenario.gateway.outage[1] / HOUR_S),
        marks=marks,
    )
