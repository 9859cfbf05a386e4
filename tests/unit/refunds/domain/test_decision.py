"""The rules that approve or reject."""

from decimal import Decimal

import pytest

from refunds.domain.decision import (
    Approval,
    Decline,
    decide,
    reject_over_limit,
)
from refunds.domain.model import Decision, Status
from unit.refunds.builders import a_refund

LIMIT = Decimal(1000)


@pytest.mark.parametrize("amount", ["0.01", "999.99", "1000", "1000.00"])
def test_amount_up_to_the_limit_is_left_to_the_gateway(amount: str) -> None:
    """Exactly the limit is within it."""
    assert reject_over_limit(a_refund(amount).request, LIMIT) is None


@pytest.mark.parametrize("amount", ["1000.01", "9999999.99"])
def test_amount_over_the_limit_is_rejected_with_the_limit(amount: str) -> None:
    """One cent too much is too much."""
    decision = reject_over_limit(a_refund(amount).request, LIMIT)

    assert decision is not None
    assert decision.status is Status.REJECTED
    assert "1000" in decision.reason


def test_limit_of_zero_rejects_everything() -> None:
    """A stage can stop all refunds without a deployment of code."""
    assert reject_over_limit(a_refund("0.01").request, Decimal(0)) is not None


def test_limit_is_written_without_an_exponent() -> None:
    """People read the reason."""
    decision = reject_over_limit(a_refund("2000").request, Decimal("1E+3"))

    assert decision is not None
    assert "1000" in decision.reason


def test_approval_carries_the_gateway_reference() -> None:
    """The reference is what support asks the gateway about."""
    decision = decide(Approval("charge-1"))

    assert (decision.status, decision.gateway_reference) == ("APPROVED", "charge-1")


def test_decline_is_a_rejection_with_the_gateway_reason() -> None:
    """The client learns why."""
    assert decide(Decline("card expired")) == Decision(Status.REJECTED, "card expired")
