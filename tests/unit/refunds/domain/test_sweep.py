"""Which undecided refunds are late, and which of them may be sent again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from refunds.domain.payment import PaymentRule
from refunds.domain.sweep import MOST_RESENDS, Hindrance, ResendRule, Undecided

CREATED_AT = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = 24 * HOUR
MOMENT = timedelta(milliseconds=1)
REFUND = Undecided("id", "correlation", CREATED_AT, made_with_key=True)
RULE = ResendRule(HOUR, PaymentRule(DAY, can_ask=True))
BLIND = replace(RULE, payment=PaymentRule(DAY, can_ask=False))


@pytest.mark.parametrize(
    ("age", "is_overdue"), [(HOUR - MOMENT, False), (HOUR, True), (DAY, True)]
)
def test_refund_is_late_once_it_has_waited_for_so_long(
    age: timedelta,
    is_overdue: bool,  # noqa: FBT001 - a column
) -> None:
    """To the millisecond."""
    assert RULE.is_overdue(CREATED_AT, CREATED_AT + age) is is_overdue


@pytest.mark.parametrize("age", [HOUR, DAY, 14 * DAY])
def test_refund_made_with_a_key_may_be_sent_again(age: timedelta) -> None:
    """A repeat by its client would do the same."""
    assert RULE.hindrance(REFUND, CREATED_AT + age) is None


def test_refund_made_without_a_key_is_never_sent_by_itself() -> None:
    """Its client may have been told 503, and have asked for another refund."""
    refund = replace(REFUND, made_with_key=False)

    assert RULE.hindrance(refund, CREATED_AT + HOUR) is Hindrance.NO_KEY


def test_refund_older_than_messages_live_needs_a_person() -> None:
    """The contract lets the gateway forget what it was asked to pay."""
    at = CREATED_AT + 14 * DAY + MOMENT

    assert RULE.hindrance(REFUND, at) is Hindrance.TOO_OLD
    # Also where its key is remembered for longer.
    patient = replace(RULE, payment=PaymentRule(60 * DAY, can_ask=True))
    assert patient.hindrance(REFUND, at) is Hindrance.TOO_OLD


def test_refund_that_only_a_person_can_settle_is_not_sent_into_the_dlq() -> None:
    """The Processor would refuse it: the key may be forgotten, and no gateway tells."""
    assert BLIND.hindrance(REFUND, CREATED_AT + HOUR) is None
    assert BLIND.hindrance(REFUND, CREATED_AT + 22 * HOUR) is Hindrance.NEEDS_PERSON


def test_refund_is_sent_again_at_most_so_often() -> None:
    """What does not help five times does not help."""
    at = CREATED_AT + 10 * DAY
    last, over = (
        replace(REFUND, resends=number) for number in (MOST_RESENDS - 1, MOST_RESENDS)
    )

    assert RULE.hindrance(last, at) is None
    assert RULE.hindrance(over, at) is Hindrance.SENT_OFTEN
    assert MOST_RESENDS == 5


@pytest.mark.parametrize(
    ("resends", "wait"), [(0, HOUR), (1, 2 * HOUR), (2, 4 * HOUR), (4, 16 * HOUR)]
)
def test_each_resend_waits_twice_as_long_as_the_one_before(
    resends: int, wait: timedelta
) -> None:
    """From when it was sent last: its message has that long to be decided."""
    sent_at = CREATED_AT + HOUR
    refund = replace(REFUND, resends=resends, resent_at=sent_at if resends else None)
    since = sent_at if resends else CREATED_AT

    assert not RULE.is_due(refund, since + wait - MOMENT)
    assert RULE.is_due(refund, since + wait)
