"""The local check: its load, what the simulation predicts and what was measured."""

import json
from collections import Counter
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from bench.scale.durations import Durations, PaymentGatewayModel
from bench.scale.limits import Limits, StackSettings
from bench.scale.scenario import Scenario
from bench.scale.simulation import Timeline, simulate


@dataclass(frozen=True, slots=True)
class Comparison:
    """One figure; it fits within a share of the prediction or an absolute slack."""

    what: str
    unit: str
    measured: float
    predicted: float
    share: float
    slack: float

    @property
    def tolerance(self) -> float:
        """How far the measured figure may be off."""
        return max(self.share * self.predicted, self.slack)

    @property
    def fits(self) -> bool:
        """Whether measured and predicted agree."""
        return abs(self.measured - self.predicted) <= self.tolerance


# What `tox -e scale -- --check-local --keep` measured last.
KEPT = Path(__file__).with_name("measured.json")


@dataclass(frozen=True, slots=True)
class Measured:
    """A run on the local stack: day, a full batch's times, log volume, comparisons."""

    day: str
    batch_s: float
    refused_batch_s: float
    log_bytes_per_refund: float
    comparisons: tuple[Comparison, ...]


def keep(measured: Measured) -> None:
    """Write the run to measured.json."""
    KEPT.write_text(json.dumps(asdict(measured), indent=2) + "\n")


def kept() -> Measured:
    """Return the run that was kept last."""
    found = json.loads(KEPT.read_text())
    found["comparisons"] = tuple(Comparison(**one) for one in found["comparisons"])
    return Measured(**found)


# So that a minute shows what takes hours on AWS. A message must stay hidden for longer
# than a batch takes, on a busy machine too. Without a breaker, whose pauses would leave
# little to measure in half a minute: its rule is the service's own here as there.
LONGEST_RETRY_S = 4
RECEIVES = 3
GATEWAY_PAUSE_S = 0
GATEWAY_TIMEOUT_S = 1.5
PARAMETERS = {
    "GatewayReadTimeoutSeconds": str(GATEWAY_TIMEOUT_S),
    "LongestRetrySeconds": str(LONGEST_RETRY_S),
    "MaxReceiveCount": str(RECEIVES),
    "GatewayPauseSeconds": str(GATEWAY_PAUSE_S),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """Load at a rate, with an outage of the payment gateway in its midst.

    The payment gateway is slow otherwise: waiting is the same on every machine, so a
    batch's time depends little on what else this one does. LocalStack's one poller
    then decides some 8 refunds per second.
    """

    rate_per_s: float = 5
    load_s: float = 75
    outage: tuple[float, float] = (15, 45)
    gateway_s: float = 0.8
    drain_timeout_s: float = 120
    seed: int = 7


@dataclass(frozen=True, slots=True)
class Sample:
    """What both queues hold at a time since the load began."""

    time_s: float
    backlog: int
    dead: int


@dataclass(frozen=True, slots=True)
class Observed:
    """What the load did: when each refund was accepted, and the queues over time."""

    accepted_s: tuple[float, ...]
    outage: tuple[float, float]
    samples: tuple[Sample, ...]

    def accepted_per_step(self, step_s: float, steps: int) -> list[int]:
        """Count the acceptances, step by step."""
        counts = Counter(int(time_s / step_s) for time_s in self.accepted_s)
        return [counts[step] for step in range(steps)]


@dataclass(frozen=True, slots=True)
class Calibration:
    """Seconds for a full batch that is decided, and for one that is refused.

    LocalStack works on one batch at a time, so it works a backlog off at one batch
    per that time.
    """

    decided_s: float
    refused_s: float


# LocalStack looks for messages to redeliver once a second.
_SCAN_S = 1


def local_settings(template: StackSettings) -> StackSettings:
    """Return the settings of the stack that the check deploys."""
    return replace(
        template,
        throttle_rate=1000,
        throttle_burst=1000,
        maximum_concurrency=1,
        longest_retry_s=LONGEST_RETRY_S,
        max_receive_count=RECEIVES,
        gateway_pause_s=GATEWAY_PAUSE_S,
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
