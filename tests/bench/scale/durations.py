"""How long the functions and the payment gateway take.

CPU time was measured; waiting and the speed of Lambda's processor are assumed. What
is unknown is carried along as a range: low, likely, high.
"""

import json
import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import NamedTuple, Self

from service.checkout import ROOT

# What `tox -e bench -- --write-docs` measured.
_MEASURED = ROOT / "docs" / "performance.json"
_SUBJECTS = {"ours": "ours", "peer": "peer_usual"}

# At this size a function has one whole vCPU; below it, the share of its memory.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
WHOLE_VCPU_MB = 1_769


@dataclass(frozen=True, slots=True)
class PaymentGatewayModel:
    """Latency is log-normal; in the outage no call is answered, or each is refused."""

    median_s: float = 0.15
    sigma: float = 0.5
    outage: tuple[float, float] = (0, 0)
    refuses: bool = False

    def is_out(self, now_s: float) -> bool:
        """Tell whether the outage is on."""
        return self.outage[0] <= now_s < self.outage[1]

    def mean_s(self) -> float:
        """Return the mean latency of one call."""
        return self.median_s * math.exp(self.sigma**2 / 2)

    def slowest_s(self, calls: int) -> float:
        """Return the slowest of so many calls side by side, as expected."""
        z = NormalDist().inv_cdf(calls / (calls + 1))
        return self.median_s * math.exp(self.sigma * z)


@dataclass(frozen=True, slots=True)
class Durations:
    """How long the functions run, without the payment gateway.

    A batch that fails writes nothing; without a time of its own it takes as long.
    """

    receiver_s: float
    batch_s: float
    failed_batch_s: float | None = None


class Range(NamedTuple):
    """An estimate with its bounds."""

    low: float
    likely: float
    high: float


@dataclass(frozen=True, slots=True)
class Assumed:
    """What was not measured on AWS: the core's speed and how long calls wait.

    ``core`` is how much longer Lambda's arm64 core takes than the one measured on;
    ``throttled`` is whether a function below one vCPU feels its share at all.
    """

    core: float
    throttled: bool
    put_s: float
    send_s: float
    read_s: float
    update_s: float


ASSUMED = (
    Assumed(0.8, throttled=False, put_s=0.003, send_s=0.004, read_s=0.002,
            update_s=0.003),
    Assumed(1.2, throttled=True, put_s=0.006, send_s=0.008, read_s=0.004,
            update_s=0.006),
    Assumed(1.6, throttled=True, put_s=0.012, send_s=0.018, read_s=0.008,
            update_s=0.012),
)  # fmt: skip
LIKELY = ASSUMED[1]


@dataclass(frozen=True, slots=True)
class Handler:
    """One way to write the functions, with its measured CPU time."""

    name: str
    receiver_cpu_ms: float
    processor_cpu_ms_per_refund: float
    side_by_side: bool

    @classmethod
    def named(cls, name: str) -> Self:
        """Read the measured figures of one handler: "ours" or "peer"."""
        results = json.loads(_MEASURED.read_text())["results"]
        subject = _SUBJECTS[name]
        return cls(
            name,
            receiver_cpu_ms=results["receiver_warm_cpu"][subject]["median"],
            processor_cpu_ms_per_refund=results["processor_cpu_of_10"][subject][
                "median"
            ],
            side_by_side=name == "ours",
        )

    def receiver_s(self, memory_mb: int, assumed: Assumed = LIKELY) -> float:
        """Return how long one accepted request is billed."""
        computing = _wall_s(self.receiver_cpu_ms, memory_mb, assumed)
        return computing + assumed.put_s + assumed.send_s

    def batch_s(
        self,
        refunds: int,
        memory_mb: int,
        gateway: PaymentGatewayModel,
        assumed: Assumed = LIKELY,
    ) -> float:
        """Return how long one batch is billed, its calls of the gateway included."""
        computing = _wall_s(
            self.processor_cpu_ms_per_refund * refunds, memory_mb, assumed
        )
        table_s = assumed.read_s + assumed.update_s
        if self.side_by_side:
            return computing + table_s + gateway.slowest_s(refunds)
        return computing + refunds * (table_s + gateway.mean_s())

    def durations(
        self, memory_mb: int, batch_size: int, gateway: PaymentGatewayModel
    ) -> Durations:
        """Return what the simulation needs; it adds the gateway's slowest call."""
        full_s = self.batch_s(batch_size, memory_mb, gateway)
        return Durations(
            receiver_s=self.receiver_s(memory_mb),
            batch_s=full_s - gateway.slowest_s(batch_size),
        )


def _wall_s(cpu_ms: float, memory_mb: int, assumed: Assumed) -> float:
    share = min(1.0, memory_mb / WHOLE_VCPU_MB) if assumed.throttled else 1.0
    return cpu_ms * assumed.core / share / 1000
