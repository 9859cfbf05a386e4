"""An hour without the payment gateway: calls, alarm, backlog, dead letters, drain."""

from dataclasses import dataclass, replace

from bench.markdown import clock, rate, table, whole
from bench.scale import cost
from bench.scale.durations import PaymentGatewayModel
from bench.scale.scenario import HOUR_S, MINUTE_S, Base, Scenario, steady
from bench.scale.simulation import Timeline, simulate
from bench.svg import Axis, Line, Mark, lines, picture
from refunds.domain.redelivery import Prospect, RedeliveryRule

_OUTAGE = (10 * MINUTE_S, 70 * MINUTE_S)
_SHOWN_HOURS = 2
_SLOW_S = 0.3
_MORE = 20
_PER_S = 10


@dataclass(frozen=True, slots=True)
class Case:
    """One outage as it went."""

    name: str
    scenario: Scenario
    line: Timeline

    @property
    def outage(self) -> tuple[float, float]:
        """When it begins and ends."""
        return self.scenario.gateway.outage

    @property
    def alarm_after_s(self) -> float | None:
        """When, since the outage's begin, the gateway's alarm rings."""
        percent = self.scenario.settings.failure_alarm_percent
        rings_s = self.line.failure_alarm(percent)
        return rings_s and rings_s - self.outage[0]

    @property
    def calls_per_s(self) -> float:
        """Calls of the gateway in the outage, on average."""
        begin_s, end_s = self.outage
        return self.line.per_s(self.line.calls, begin_s - 1, end_s - 1)

    @property
    def drained_after_s(self) -> float | None:
        """When, since the outage's end, the backlog is what it was before."""
        drained_s = self.line.drained_s(self.outage[1] + 1, self._usual)
        return drained_s and drained_s - self.outage[1]

    @property
    def new_after_s(self) -> float:
        """When, since the outage's end, what is new waits for nothing else any more."""
        waits = self.line.waiting
        last = max(step for step, left in enumerate(waits) if left > self._usual)
        return max(0, (last + 1) * self.line.step_s - self.outage[1])

    def busiest(self, from_s: float, to_s: float) -> float:
        """Return the calls per second of the minute that had the most."""
        minutes = range(int(from_s) - 1, int(to_s) - 1, MINUTE_S)
        calls = self.line.calls
        return max(self.line.per_s(calls, at, at + MINUTE_S) for at in minutes)

    def row(self) -> tuple[str, ...]:
        """Return its row of the table."""
        line, (begin_s, end_s) = self.line, self.outage
        return (
            self.name,
            whole(max(line.dead)),
            rate(self.calls_per_s),
            rate(self.busiest(begin_s, end_s)),
            clock(self.alarm_after_s) if self.alarm_after_s else "never",
            whole(max(line.backlog)),
            _exact(self.new_after_s),
            _exact(self.drained_after_s),
            rate(self.busiest(end_s, end_s + 20 * MINUTE_S)),
        )

    @property
    def _usual(self) -> int:
        return max(50, round(3 * self.scenario.rate(0)))


def outage_section(base: Base, stacks: dict[int, Scenario]) -> dict[str, str]:
    """Return the section's texts by placeholder, and its pictures by file name."""
    cases = _cases(stacks)
    hanging, unguarded = cases[0], cases[3]
    head = ("case", "in the DLQ", "calls/s", "most in a minute", "gateway alarm",
            "largest backlog", "new ones as usual after", "drained after",
            "calls/s then")  # fmt: skip
    own = base.settings
    before = hanging.line.per_s(hanging.line.calls, MINUTE_S, _OUTAGE[0] - 1)
    rule = RedeliveryRule(own.longest_retry_s)
    patience = [
        sum(
            rule.wait_s(Prospect.PASSES, count, chance)
            for count in range(1, own.max_receive_count + 1)
        )
        for chance in (1, 0.5)
    ]
    texts = {
        "outages": table(head, [case.row() for case in cases]),
        "receives": str(own.max_receive_count),
        "first_retry": clock(own.longest_retry_s / 16),
        "longest_retry": clock(own.longest_retry_s),
        "pause": clock(own.gateway_pause_s),
        "patience": clock(patience[0]),
        "usual_patience": clock(patience[1]),
        "broken": clock(own.max_receive_count),
        "outage_receives": whole(_receives(hanging) / _refunds(hanging)),
        "health_calls": rate(before),
        "outage_calls": rate(hanging.calls_per_s),
        "outage_drained": _exact(hanging.drained_after_s),
        "unguarded_calls": rate(unguarded.calls_per_s),
        "gateway_alarm": clock(hanging.alarm_after_s),
        "drain_calls": rate(hanging.busiest(_OUTAGE[1], _OUTAGE[1] + 300)),
        **_costs(hanging, own.memory_mb),
    }
    title = "An hour without the payment gateway at 10 refunds per second"
    charts = [_backlog_chart(hanging), _calls_chart(hanging, unguarded)]
    return texts | {"scale-outage.svg": picture(title, charts)}


def _cases(stacks: dict[int, Scenario]) -> list[Case]:
    hanging, refused = (_outage(stacks, 10, refuses=it) for it in (False, True))
    slow = replace(hanging.gateway, median_s=_SLOW_S)
    given = {
        "10/s, calls hang": hanging,
        "the same, oldest messages first": replace(hanging, oldest_first=True),
        "10/s, calls are refused": refused,
        "the same without a breaker: `GatewayPauseSeconds=0`":
            _with(refused, gateway_pause_s=0),
        "10/s, calls hang, then take 300 ms": replace(hanging, gateway=slow),
        f"the same with `MaximumConcurrency={_MORE}`":
            _with(replace(hanging, gateway=slow), maximum_concurrency=_MORE),
        "10/s, calls hang for two hours":
            replace(hanging, gateway=replace(
                hanging.gateway, outage=(_OUTAGE[0], _OUTAGE[1] + HOUR_S))),
        "1,000/s, calls hang": _outage(stacks, 1_000),
    }  # fmt: skip
    return [Case(name, run, simulate(run)) for name, run in given.items()]


def _with(run: Scenario, **settings: int) -> Scenario:
    changed = replace(run.settings, **settings)  # type: ignore[arg-type] # by name
    return replace(run, settings=changed)


def _outage(
    stacks: dict[int, Scenario], rate_per_s: int, *, refuses: bool = False
) -> Scenario:
    return replace(
        stacks[rate_per_s],
        rate=steady(rate_per_s),
        duration_s=(6 if rate_per_s > _PER_S else 3) * HOUR_S,
        step_s=1,
        gateway=PaymentGatewayModel(outage=_OUTAGE, refuses=refuses),
    )


def _exact(seconds: float | None) -> str:
    """Return a time that is compared with five minutes."""
    near = seconds is not None and seconds < 10 * MINUTE_S
    return f"{seconds:.0f} s" if near else clock(seconds)


def _refunds(case: Case) -> int:
    begin_s, end_s = case.outage
    accepted = case.line.accepted
    return case.line.at(accepted, end_s) - case.line.at(accepted, begin_s)


def _receives(case: Case) -> int:
    """Count the deliveries that the outage makes fail."""
    line, end_s = case.line, case.scenario.duration_s
    return line.at(line.receives, end_s) - line.at(line.decided, end_s)


def _costs(case: Case, memory_mb: int) -> dict[str, str]:
    """Return what the hour costs, and its refunds dearer than in health."""
    line, (begin_s, end_s) = case.line, case.outage
    batches = line.at(line.batches, end_s) - line.at(line.batches, begin_s)
    failing = cost.Failing(
        _receives(case), batches, case.scenario.durations.batch_s, memory_mb
    )
    usd = failing.usd()
    return {
        "outage_usd": f"{usd:.2f}",
        "outage_per_million": f"{usd / _refunds(case) * cost.MILLION:.0f}",
    }


def _backlog_chart(case: Case) -> tuple[str, int]:
    line, (begin_s, end_s) = case.line, case.outage
    alarm_s, drained_s = case.alarm_after_s or 0, case.drained_after_s or 0
    marks = [
        Mark((begin_s + alarm_s) / HOUR_S, f"gateway alarm: +{clock(alarm_s)}"),
        Mark((end_s + drained_s) / HOUR_S, f"drained: +{_exact(drained_s)}"),
    ]
    return lines(
        case.name,
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
        shaded=(begin_s / HOUR_S, end_s / HOUR_S),
        marks=marks,
    )


def _calls_chart(case: Case, unguarded: Case) -> tuple[str, int]:
    begin_s, end_s = case.outage
    series = {"as deployed": case, "without a breaker": unguarded}
    most = max(one.busiest(1, _SHOWN_HOURS * HOUR_S) for one in series.values())
    minutes = range(MINUTE_S, _SHOWN_HOURS * HOUR_S, MINUTE_S)
    return lines(
        "Calls of the payment gateway",
        Axis.stepped("hours", _SHOWN_HOURS, 1 / 4),
        Axis.stepped("calls/s", -(-int(most) // 100) * 100, 100),
        [
            Line(name, [(at / HOUR_S, one.busiest(at, at + 2)) for at in minutes])
            for name, one in series.items()
        ],
        shaded=(begin_s / HOUR_S, end_s / HOUR_S),
    )
