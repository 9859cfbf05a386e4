"""The load that the local stack gets, how impatient that stack is, and what is seen."""

from collections import Counter
from dataclasses import dataclass

# So that a minute shows what takes hours on AWS. A message must stay hidden for longer
# than a batch takes, on a busy machine too.
VISIBILITY_TIMEOUT_S = 4
GATEWAY_TIMEOUT_S = 1.5


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
