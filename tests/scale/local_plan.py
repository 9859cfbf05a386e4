"""The load that the local stack gets, and how impatient that stack is."""

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
