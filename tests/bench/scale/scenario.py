"""What a simulated run is given: load, settings, limits and durations."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from scale.arrivals import Rate
from scale.limits import Limits
from scale.processor_model import PaymentGatewayModel
from scale.stack_settings import StackSettings


@dataclass(frozen=True, slots=True)
class Durations:
    """How long the functions run, without the payment gateway.

    A batch that fails writes nothing; without a time of its own it takes as long.
    """

    receiver_s: float
    batch_s: float
    failed_batch_s: float | None = None


@dataclass(frozen=True, slots=True)
class Redrive:
    """The operator moves the dead-letter queue back, at a rate."""

    at_s: float
    per_s: float


@dataclass(frozen=True, slots=True)
class Skew:
    """Zipf-distributed orders: the share of the r-th hottest falls with r^-exponent."""

    exponent: float
    orders: int = 100_000
    hottest: int = 20


@dataclass(frozen=True, slots=True)
class Scenario:
    """One run of the simulation.

    ``redelivery_scan_s`` is how often hidden messages are looked at: at once on AWS.
    ``given`` replaces the Poisson arrivals by counts for each step.
    ``warm_write_units_per_s`` of 0 means a table that has never seen load.
    """

    rate: Rate
    duration_s: float
    settings: StackSettings
    durations: Durations
    limits: Limits = field(default_factory=Limits)
    gateway: PaymentGatewayModel = field(default_factory=PaymentGatewayModel)
    reads_per_refund: float = 1
    skew: Skew | None = None
    redrive: Redrive | None = None
    warm_write_units_per_s: float = 0
    oldest_first: bool = False
    redelivery_scan_s: float = 0
    step_s: float = 1
    seed: int = 1
    given: Sequence[int] | None = None
