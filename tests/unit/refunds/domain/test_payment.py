"""When the gateway may be told to pay, and what is never paid."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal, Inexact

import pytest

from refunds.domain.model import Decision, Status
from refunds.domain.payment import (
    Currency,
    FirstStep,
    PaymentRule,
    reject_smoke_test,
)
from unit.refunds.builders import a_refund

CREATED_AT = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
DAY = timedelta(hours=24)
# A tenth of the retention is the margin.
LAST_SAFE = timedelta(hours=21, minutes=35, seconds=59, milliseconds=999)
FIRST_UNSAFE = timedelta(hours=21, minutes=36)

PAY, ASK, WAIT = FirstStep.PAY, FirstStep.ASK, FirstStep.WAIT_FOR_A_PERSON


@pytest.mark.parametrize(
    ("age", "receive_count", "step"),
    [
        (timedelta(0), 1, PAY),
        (timedelta(minutes=1), 1, PAY),
        (LAST_SAFE, 1, PAY),
        (timedelta(seconds=-1), 1, PAY),  # the Receiver's clock is ahead
        # Delivered before, or it is not known: a saved error may be all a POST tells.
        (timedelta(seconds=3), 2, ASK),
        (LAST_SAFE, 3, ASK),
        (timedelta(minutes=1), None, ASK),
        (timedelta(minutes=1), 0, ASK),
        # The key may be forgotten. A redrive and a client's repeat count from 1.
        (FIRST_UNSAFE, 1, ASK),
        (DAY, 1, ASK),
        (14 * DAY, 1, ASK),
        (14 * DAY, 4, ASK),
        (14 * DAY, None, ASK),
        # What the gateway has never seen by then, it may have forgotten.
        (14 * DAY + timedelta(milliseconds=1), 1, WAIT),
        (20 * DAY, None, WAIT),
        # No clock is so wrong: the age is not known.
        (-DAY, 1, ASK),
    ],
)
def test_gateway_is_asked_first_unless_the_key_is_certainly_alive(
    age: timedelta, receive_count: int | None, step: FirstStep
) -> None:
    """Young and delivered for the first time: that alone is paid at once."""
    rule = PaymentRule(DAY, can_ask=True)

    assert rule.first_step(CREATED_AT, receive_count, CREATED_AT + age) is step


@pytest.mark.parametrize(
    ("age", "receive_count", "step"),
    [
        (timedelta(0), 1, PAY),
        (timedelta(seconds=3), 2, PAY),  # the key protects
        (timedelta(seconds=3), None, PAY),
        (LAST_SAFE, 3, PAY),
        (FIRST_UNSAFE, 1, WAIT),
        (FIRST_UNSAFE, 2, WAIT),
        (14 * DAY, 1, WAIT),
        (14 * DAY, None, WAIT),
        (-DAY, 1, WAIT),
    ],
)
def test_gateway_without_a_look_up_gets_nothing_once_the_key_may_be_forgotten(
    age: timedelta, receive_count: int | None, step: FirstStep
) -> None:
    """Then only a person can find out what became of the refund."""
    rule = PaymentRule(DAY, can_ask=False)

    assert rule.first_step(CREATED_AT, receive_count, CREATED_AT + age) is step


@pytest.mark.parametrize(("receive_count", "step"), [(1, PAY), (2, ASK)])
def test_key_that_is_remembered_for_longer_is_safe_for_longer(
    receive_count: int, step: FirstStep
) -> None:
    """By the gateway's own promise, and what it has seen it can tell."""
    rule = PaymentRule(60 * DAY, can_ask=True)
    at = CREATED_AT + 20 * DAY

    assert rule.first_step(CREATED_AT, receive_count, at) is step


@pytest.mark.parametrize(("can_ask", "step"), [(True, ASK), (False, WAIT)])
def test_gateway_that_remembers_no_key_is_never_told_to_pay_blindly(
    can_ask: bool,  # noqa: FBT001 - a column
    step: FirstStep,
) -> None:
    """Retention 0: two messages of one refund would be two payments."""
    rule = PaymentRule(timedelta(0), can_ask=can_ask)

    assert rule.first_step(CREATED_AT, 1, CREATED_AT) is step


@pytest.mark.parametrize(
    ("currency", "amount", "text"),
    [
        (Currency("EUR", 2), "10", "10.00"),
        (Currency("EUR", 2), "0.01", "0.01"),
        (Currency("EUR", 2), "9999999.99", "9999999.99"),
        (Currency("JPY", 0), "1000.00", "1000"),
        (Currency("JPY", 0), "1E+3", "1000"),
        (Currency("KWD", 3), "10.5", "10.500"),
    ],
)
def test_amount_is_written_with_its_currencys_decimals(
    currency: Currency, amount: str, text: str
) -> None:
    """Never with an exponent."""
    assert currency.text(Decimal(amount)) == text


@pytest.mark.parametrize(
    ("currency", "amount"),
    [(Currency("JPY", 0), "0.50"), (Currency("EUR", 2), "0.001")],
)
def test_amount_that_the_currency_has_not_is_an_error(
    currency: Currency, amount: str
) -> None:
    """Rounded, it would be another amount than the client was promised."""
    with pytest.raises(Inexact):
        currency.text(Decimal(amount))


def test_smoke_test_is_rejected() -> None:
    """By its order id, whatever it costs."""
    assert reject_smoke_test(a_refund("0.01", order_id="SMOKE-1").request) == Decision(
        Status.REJECTED, "a smoke test's refund is never paid"
    )


@pytest.mark.parametrize("order_id", ["smoke-1", "SMOKE", "A-SMOKE-1", "SMOKED-1"])
def test_other_order_is_no_smoke_test(order_id: str) -> None:
    """The prefix is exact."""
    assert reject_smoke_test(a_refund(order_id=order_id).request) is None
