"""What the simulation says of the local stack, and how measured figures compare."""

from dataclasses import replace

from scale.comparison import Comparison
from scale.limits import Limits
from scale.local_plan import (
    GATEWAY_TIMEOUT_S,
    VISIBILITY_TIMEOUT_S,
    Calibration,
    Observed,
    Plan,
)
from scale.processor_model import PaymentGatewayModel
from scale.scenario import Durations, Scenario
from scale.simulation import simulate
from scale.stack_settings import StackSettings
from scale.timeline import Timeline

# LocalStack looks for messages to redeliver once a second.
_SCAN_S = 1


def local_settings(template: StackSettings) -> StackSettings:
    """Return the settings of the stack that the check deploys."""
    return replace(
        template,
        throttle_rate=1000,
        throttle_burst=1000,
        maximum_concurrency=1,
        visibility_timeout_s=VISIBILITY_TIMEOUT_S,
        gateway_timeout_s=GATEWAY_TIMEOUT_S,
    )


def predict(
    plan: Plan,
    seen: Observed,
    settings: StackSettings,
    took: Calibration,
    step_s: float = 0.05,
) -> Timeline:
    """Simulate what follows from the acceptances and the outage that there were."""
    duration_s = seen.accepted_s[-1] + plan.drain_timeout_s
    given = seen.accepted_per_step(step_s, round(duration_s / step_s))
    return simulate(
        Scenario(
            rate=lambda _: 0,
            given=given,
            duration_s=duration_s,
            settings=settings,
            durations=Durations(
                step_s, took.decided_s - plan.gateway_s, took.refused_s
            ),
            limits=Limits(mapping_initial=1, mapping_growth_per_s=0),
            gateway=PaymentGatewayModel(plan.gateway_s, sigma=0, outage=seen.outage),
            reads_per_refund=0,
            oldest_first=True,
            redelivery_scan_s=_SCAN_S,
            step_s=step_s,
        )
    )


def compare(plan: Plan, seen: Observed, line: Timeline) -> tuple[Comparison, ...]:
    """Put what was measured beside what was predicted."""
    end_s = seen.outage[1]
    peak = max(seen.samples, key=lambda sample: sample.backlog)
    usual = round(plan.rate_per_s * 2)
    drained_s = next(
        sample.time_s
        for sample in seen.samples
        if sample.time_s > end_s + 1 and sample.backlog <= usual
    )
    predicted_s = line.drained_s(end_s + 1, usual) or line.step_s * len(line.waiting)
    # The calibration may have left some.
    dead = seen.samples[-1].dead - seen.samples[0].dead
    decided = len(seen.accepted_s) - dead - seen.samples[-1].backlog
    return (
        Comparison("decided", "refunds", decided, line.decided[-1], 0.05, 10),
        Comparison("in the DLQ", "messages", dead, line.dead[-1], 0.25, 15),
        Comparison(
            "largest backlog", "messages", peak.backlog, max(line.backlog), 0.20, 15
        ),
        Comparison(
            "drained after the outage", "s", drained_s - end_s, predicted_s - end_s,
            0.35, 3,
        ),
    )  # fmt: skip
