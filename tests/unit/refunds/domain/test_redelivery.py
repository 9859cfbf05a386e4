"""A failed message comes back soon, then less often, and never too late."""

from itertools import pairwise

import pytest

from refunds.domain.model import (
    GatewayFailureError,
    GatewayOutError,
    NeedsPersonError,
    OutOfTimeError,
    PaymentPendingError,
    RefundNotFoundError,
    UnavailableError,
)
from refunds.domain.outcome import Outcome, Trouble, failure
from refunds.domain.redelivery import Prospect, RedeliveryRule
from refunds.runtime.telemetry import Telemetry

RULE = RedeliveryRule(longest_s=120)
# By the template's defaults.
RECEIVES, HOUR_S = 100, 3600
PROSPECTS = (Prospect.PASSES, Prospect.TAKES_LONG)


def test_waits_grow_from_a_sixteenth_to_the_longest() -> None:
    """With no luck: twice as long each time."""
    waits = [RULE.wait_s(Prospect.PASSES, count, chance=0) for count in range(1, 8)]

    assert waits == [8, 15, 30, 60, 120, 120, 120]


def test_payment_that_takes_long_is_asked_for_less_and_less_often() -> None:
    """Up to every 16 minutes; it is no outage that has to be over soon."""
    waits = [RULE.wait_s(Prospect.TAKES_LONG, count, chance=0) for count in (1, 5, 20)]

    assert waits == [8, 120, 960]


@pytest.mark.parametrize("prospect", PROSPECTS)
def test_chance_takes_up_to_half_of_a_wait_away(prospect: Prospect) -> None:
    """What failed together comes back apart, and never later than without it."""
    waits = [RULE.wait_s(prospect, 5, step / 10) for step in range(11)]

    assert waits[-1] == waits[0] / 2
    assert all(later < earlier for earlier, later in pairwise(waits))


@pytest.mark.parametrize("longest_s", [1, 2, 120, 5400])
@pytest.mark.parametrize("prospect", list(Prospect))
@pytest.mark.parametrize("count", [1, 2, 1000])
def test_wait_is_one_that_sqs_takes(
    prospect: Prospect, count: int, longest_s: float
) -> None:
    """Whole seconds up to twelve hours; 0 would be a hot loop."""
    for chance in (0, 0.5, 1):
        wait_s = RedeliveryRule(longest_s).wait_s(prospect, count, chance)

        assert isinstance(wait_s, int)
        assert 1 <= wait_s <= 43_200


@pytest.mark.parametrize("chance", [0, 0.5, 1])
def test_an_hours_outage_leaves_receives_over(chance: float) -> None:
    """On average half of them, and a third however the dice fall."""
    passed_s, count = 0, 0
    while passed_s < HOUR_S:
        count += 1
        passed_s += RULE.wait_s(Prospect.PASSES, count, chance)

    assert count <= RECEIVES * 2 / 3
    assert chance == 1 or count <= RECEIVES / 2


def test_what_is_broken_for_good_is_dead_within_minutes() -> None:
    """And until then keeps no Processor busy."""
    waits = [RULE.wait_s(Prospect.NONE, count + 1, 0.5) for count in range(RECEIVES)]

    assert sum(waits) <= 5 * 60
    assert min(waits) > 0


@pytest.mark.parametrize(
    ("error", "prospect", "trouble"),
    [
        (GatewayOutError("503"), Prospect.PASSES, Trouble.GATEWAY_FAILED),
        (GatewayFailureError("400"), Prospect.PASSES, Trouble.GATEWAY_FAILED),
        (UnavailableError("table", "x"), Prospect.PASSES, Trouble.NOT_DECIDED),
        (OutOfTimeError("too late"), Prospect.PASSES, Trouble.NOT_DECIDED),
        (KeyError("a defect of ours"), Prospect.PASSES, Trouble.NOT_DECIDED),
        (PaymentPendingError("x"), Prospect.TAKES_LONG, Trouble.PAYMENT_PENDING),
        (RefundNotFoundError(), Prospect.NONE, None),
        (NeedsPersonError("ask"), Prospect.NONE, Trouble.NEEDS_PERSON),
    ],
    ids=lambda value: type(value).__name__,
)
def test_prospect_and_metric_follow_from_what_went_wrong(
    error: Exception, prospect: Prospect, trouble: Trouble | None
) -> None:
    """What may pass is counted, for it is in no DLQ soon; what does not is there."""
    outcome = failure(error, Telemetry("test").log("request-1"))

    assert outcome == Outcome(prospect=prospect, trouble=trouble)
