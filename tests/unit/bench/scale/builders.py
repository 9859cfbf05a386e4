"""Scenarios to start from: small, and with nothing in the way unless said."""

from dataclasses import replace

from bench.scale.durations import Durations, PaymentGatewayModel
from bench.scale.limits import Limits, StackSettings
from bench.scale.scenario import Scenario, steady

# No reads, so that a refund is one request; a batch of any size takes 0.5 s.
BATCH_S = 0.5
SETTINGS = StackSettings(
    throttle_rate=1e6,
    throttle_burst=1e6,
    quota_per_day=1e12,
    maximum_concurrency=1_000,
    batch_size=10,
    longest_retry_s=20,
    max_receive_count=3,
    gateway_timeout_s=4,
    gateway_pause_s=0,
    oldest_message_alarm_s=60,
    failure_alarm_percent=10,
    memory_mb=512,
)
OPEN = Limits(api_requests_per_s=1e6, api_burst=1e6, mapping_initial=1_000)


def some_settings(**changes: object) -> StackSettings:
    """Return settings under which no limit binds, with changes."""
    return replace(SETTINGS, **changes)  # type: ignore[arg-type] # by name


def a_scenario(
    per_s: float = 50, duration_s: float = 60, **changes: object
) -> Scenario:
    """Return a steady load on an open stack, with changes."""
    scenario = Scenario(
        steady(per_s),
        duration_s,
        SETTINGS,
        Durations(receiver_s=0.02, batch_s=BATCH_S),
        limits=OPEN,
        gateway=PaymentGatewayModel(median_s=0),
        reads_per_refund=0,
        warm_write_units_per_s=1e6,
    )
    return replace(scenario, **changes)  # type: ignore[arg-type] # by name
