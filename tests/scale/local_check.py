"""Measured against predicted: the simulation with the local stack's parameters.

LocalStack polls a queue with one poller that never scales, enforces no throttle and no
quota, and is free of DynamoDB's limits. So this checks the rest: batches, redelivery,
the dead-letter queue, backlog and drain; not the limits of AWS. What was accepted when
is given to the simulation, for a busy machine accepts late; all else it predicts.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from harness.environments import ROOT
from refund_stack.function_log import FunctionLog
from refund_stack.running import TEMPLATE, Running, running
from scale.comparison import Comparison
from scale.limits import Limits
from scale.local_calibration import Calibration, warm_up
from scale.local_load import LocalLoad, Observed
from scale.local_plan import GATEWAY_TIMEOUT_S, VISIBILITY_TIMEOUT_S, Plan
from scale.processor_model import PaymentGatewayModel
from scale.scenario import Durations, Scenario
from scale.simulation import simulate
from scale.stack_settings import StackSettings, read_settings
from scale.timeline import Timeline

# LocalStack looks for messages to redeliver once a second.
_SCAN_S = 1
_STEP_S = 0.05
LOG = ROOT / ".local" / "scale.log"


@dataclass(frozen=True, slots=True)
class Checked:
    """The comparisons, and what else the run measured."""

    took: Calibration
    log_bytes_per_refund: float
    comparisons: tuple[Comparison, ...]


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
    plan: Plan, seen: Observed, settings: StackSettings, took: Calibration
) -> Timeline:
    """Simulate what follows from the acceptances and the outage that there were."""
    duration_s = seen.accepted_s[-1] + plan.drain_timeout_s
    given = seen.accepted_per_step(_STEP_S, round(duration_s / _STEP_S))
    return simulate(
        Scenario(
            rate=lambda _: 0,
            given=given,
            duration_s=duration_s,
            settings=settings,
            durations=Durations(
                _STEP_S, took.decided_s - plan.gateway_s, took.refused_s
            ),
            limits=Limits(mapping_initial=1, mapping_growth_per_s=0),
            gateway=PaymentGatewayModel(plan.gateway_s, sigma=0, outage=seen.outage),
            reads_per_refund=0,
            oldest_first=True,
            redelivery_scan_s=_SCAN_S,
            step_s=_STEP_S,
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


def check_local(on_progress: Callable[[str], None]) -> Checked:
    """Run the stack, calibrate, load it and compare; takes about three minutes.

    Raises:
        HarnessError: LocalStack, the build or the deployment failed.

    """
    plan, settings = Plan(), local_settings(read_settings(TEMPLATE))
    parameters = {
        "GatewayReadTimeoutSeconds": str(GATEWAY_TIMEOUT_S),
        "VisibilityTimeoutSeconds": str(VISIBILITY_TIMEOUT_S),
    }
    LOG.parent.mkdir(exist_ok=True)
    with running(
        "refunds-scale", parameters=parameters, log_path=LOG, on_progress=on_progress
    ) as service:
        load, size = LocalLoad(service, plan, on_progress), settings.batch_size
        on_progress("warming up")
        warm_up(load, size)
        log_bytes = _log_bytes(service) / len(service.gateway.charges())
        on_progress("calibrating: how long batches take")
        before = Calibration.measure(load, size)
        on_progress(f"sending {plan.rate_per_s:g} refunds/s for {plan.load_s:g} s")
        seen = load.run()
        on_progress("calibrating once more")
        took = Calibration.between(before, Calibration.measure(load, size))
        on_progress("stopping")
    line = predict(plan, seen, settings, took)
    return Checked(took, log_bytes, compare(plan, seen, line))


def _log_bytes(service: Running) -> int:
    """Count what both functions wrote themselves, without the platform's lines."""
    logs = service.emulator.session().client("logs")
    return sum(
        len(line.encode())
        for function in ("receiver", "processor")
        for invocation in FunctionLog(
            logs, f"/aws/lambda/{service.stack.functions[function].name}"
        ).invocations()
        for line in invocation.written
    )
