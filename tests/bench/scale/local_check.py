"""Runs a load on the local stack and compares it with the simulation.

LocalStack polls a queue with one poller that never scales, enforces no throttle and no
quota, and is free of DynamoDB's limits. So this checks the rest: batches, redelivery,
the dead-letter queue, backlog and drain; not the limits of AWS. What was accepted when
is given to the simulation, for a busy machine accepts late; all else it predicts.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from bench.scale.limits import read_settings
from bench.scale.local_load import LocalLoad, between, calibrate, warm_up
from bench.scale.local_prediction import (
    PARAMETERS,
    Measured,
    Plan,
    compare,
    local_settings,
    predict,
)
from service.checkout import ROOT, TEMPLATE
from service.running import Running, running
from service.telemetry import FunctionLog

LOG = ROOT / ".local" / "scale.log"


def check_local(on_progress: Callable[[str], None]) -> Measured:
    """Run the stack, calibrate, load it and compare; takes about three minutes.

    Raises:
        HarnessError: LocalStack, the build or the deployment failed.
    """
    plan, settings = Plan(), local_settings(read_settings(TEMPLATE))
    LOG.parent.mkdir(exist_ok=True)
    with running(
        "refunds-scale", parameters=PARAMETERS, log_path=LOG, on_progress=on_progress
    ) as service:
        load, size = LocalLoad(service, plan, on_progress), settings.batch_size
        on_progress("warming up")
        warm_up(load, size)
        log_bytes = _log_bytes(service) / len(service.gateway.charges())
        on_progress("calibrating: how long batches take")
        before = calibrate(load, size)
        on_progress(f"sending {plan.rate_per_s:g} refunds/s for {plan.load_s:g} s")
        seen = load.run()
        on_progress("calibrating once more")
        took = between(before, calibrate(load, size))
        on_progress("stopping")
    line = predict(plan, seen, settings, took)
    return Measured(
        datetime.now(UTC).date().isoformat(),
        took.decided_s,
        took.refused_s,
        log_bytes,
        compare(plan, seen, line),
    )


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
