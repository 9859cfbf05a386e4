"""When redelivery ends and dead letters begin; what a breaker makes of an outage."""

from random import Random

import pytest

from bench.scale.durations import PaymentGatewayModel
from bench.scale.scenario import Redrive
from bench.scale.simulation import Timeline, simulate
from bench.scale.waiting import Cohort, QueueModel, split
from refunds.domain.redelivery import RedeliveryRule
from unit.bench.scale.builders import a_scenario, some_settings

REFUSED = PaymentGatewayModel(median_s=0, outage=(10, 200), refuses=True)
# 1.25, 2.5, 5, 10 and three times 20 s at the longest, half of that at the shortest.
SEVEN = some_settings(max_receive_count=7)
SEVEN_S = 78.75


def test_the_first_message_dies_after_all_its_receives() -> None:
    """Seven of them, apart as the service's rule says."""
    line = simulate(a_scenario(20, 200, gateway=REFUSED, settings=SEVEN))

    dead_s = line.first(line.dead)
    assert dead_s is not None
    assert SEVEN_S / 2 - 2 <= dead_s - 10 <= SEVEN_S + 2


def test_what_was_sent_shortly_before_the_end_survives() -> None:
    """Dead are those whose last try lay in the outage, too."""
    line = simulate(a_scenario(20, 320, gateway=REFUSED, settings=SEVEN))

    last_try_s = (SEVEN_S - 20) * 0.75
    sent = line.per_s(line.accepted, 10, 200 - last_try_s) * (190 - last_try_s)
    assert line.dead[-1] == pytest.approx(sent, rel=0.1)


def test_more_receives_than_the_outage_lasts_leave_none_dead() -> None:
    """30 receives outlast 190 s."""
    settings = some_settings(max_receive_count=30)

    line = simulate(a_scenario(20, 300, gateway=REFUSED, settings=settings))

    assert line.dead[-1] == 0
    assert line.backlog[-1] < 40


def test_hanging_calls_use_the_processors_up() -> None:
    """2 Processors, 10 refunds each, 4.5 s a batch: the rest waits."""
    hanging = PaymentGatewayModel(median_s=0, outage=(10, 60))
    settings = some_settings(maximum_concurrency=2)

    line = simulate(a_scenario(20, 60, gateway=hanging, settings=settings))

    received = line.per_s(line.receives, 20, 59)
    assert received == pytest.approx(2 * 10 / 4.5, rel=0.1)


def test_refused_calls_leave_the_processors_free() -> None:
    """No waiting for a timeout: every message gets all its receives in time."""
    refused = PaymentGatewayModel(median_s=0, outage=(10, 60), refuses=True)
    settings = some_settings(maximum_concurrency=2)

    line = simulate(a_scenario(20, 60, gateway=refused, settings=settings))

    assert line.per_s(line.receives, 35, 49) == pytest.approx(2 * 10 / 0.5, rel=0.1)


def test_redriven_refunds_are_decided() -> None:
    """The DLQ is empty again, and every accepted refund decided."""
    redrive = Redrive(at_s=250, per_s=100)

    line = simulate(a_scenario(20, 300, gateway=REFUSED, redrive=redrive))

    assert line.dead[-1] == 0
    assert line.decided[-1] > 0.98 * line.accepted[-1]


def test_the_age_alarm_needs_three_minutes_in_a_row() -> None:
    """One Processor decides 20 of 50 a second: above 60 s from the second minute on."""
    settings = some_settings(maximum_concurrency=1)

    line = simulate(a_scenario(50, 300, settings=settings))

    assert line.age_alarm(60) == pytest.approx(240)
    assert line.age_alarm(10_000) is None


def test_the_age_alarm_is_silent_in_an_outage_and_the_gateways_rings() -> None:
    """SQS does not count what it has delivered three times."""
    settings = some_settings(max_receive_count=100)
    refused = PaymentGatewayModel(median_s=0, outage=(0, 600), refuses=True)

    line = simulate(a_scenario(2, 600, gateway=refused, settings=settings))

    assert line.age_alarm(60) is None
    assert line.failure_alarm(10) == pytest.approx(180)


def test_the_gateways_alarm_needs_three_minutes_of_five() -> None:
    """An outage of two is none, nor is any that it does not reach."""
    settings = some_settings(max_receive_count=100)
    short = PaymentGatewayModel(median_s=0, outage=(60, 170), refuses=True)

    line = simulate(a_scenario(20, 600, gateway=short, settings=settings))

    assert line.failure_alarm(10) is None


def _guarded(pause_s: float, *, processors: int = 3) -> Timeline:
    settings = some_settings(
        max_receive_count=100, gateway_pause_s=pause_s, maximum_concurrency=processors
    )
    return simulate(a_scenario(20, 400, gateway=REFUSED, settings=settings))


def test_breakers_leave_one_call_of_each_kind_a_pause_and_environment() -> None:
    """Three environments, a call of each kind every five seconds, not hundreds."""
    line = _guarded(5)

    assert line.per_s(line.calls, 0, 9) == pytest.approx(20, rel=0.2)
    assert line.per_s(line.calls, 30, 199) == pytest.approx(2 * 3 / 5, rel=0.1)
    without = _guarded(0)
    assert without.per_s(without.calls, 30, 199) > 20


def test_a_breaker_closes_within_a_pause_of_the_outages_end() -> None:
    """And then the backlog is decided, each refund once."""
    line = _guarded(5)

    assert line.per_s(line.decided, 30, 199) == 0
    assert line.per_s(line.decided, 200, 210) > 10
    assert line.dead[-1] == 0
    assert line.backlog[-1] < 60


def test_a_refund_that_comes_again_costs_two_calls() -> None:
    """It is looked up before it is paid; what comes for the first time is not."""
    line = _guarded(5, processors=30)

    end = line.at(line.calls, 199)
    backlog = line.at(line.backlog, 199)
    new = line.at(line.accepted, 399) - line.at(line.accepted, 199)
    called = line.at(line.calls, 399) - end
    assert called == pytest.approx(2 * backlog + new, rel=0.05)


@pytest.mark.parametrize(("oldest_first", "sent_s"), [(True, 0), (False, 1)])
def test_the_order_of_redelivery_can_be_either(
    *, oldest_first: bool, sent_s: float
) -> None:
    """LocalStack delivers the oldest message first; SQS promises nothing."""
    queue = _a_queue(oldest_first=oldest_first)
    queue.send(1, 0)
    (failed,) = queue.receive(1)
    queue.fail(failed, now_s=4)
    queue.send(1, 1)
    queue.reveal(5)

    (received,) = queue.receive(1)

    assert received.sent_s == sent_s


def test_messages_that_fail_together_come_back_apart() -> None:
    """Within half of the wait, and none is lost."""
    queue = _a_queue(longest_s=160)
    queue.fail(Cohort(0, 0, receives=5, messages=101), now_s=0)

    seen = []
    for second in range(161):
        queue.reveal(second)
        seen.append(queue.waiting)

    assert (seen[79], seen[-1], queue.hidden) == (0, 101, 0)
    assert len(set(seen)) > 3


def test_cohorts_are_split_without_losing_a_message() -> None:
    """In their order."""
    cohorts = [Cohort(0, 0, 1, 3), Cohort(1, 1, 2, 4)]

    first, rest = split(cohorts, 5)

    assert [one.messages for one in first] == [3, 2]
    assert rest == [Cohort(1, 1, 2, 2)]


def _a_queue(*, oldest_first: bool = False, longest_s: float = 16) -> QueueModel:
    rule = RedeliveryRule(longest_s)
    return QueueModel(3, oldest_first, rule, Random(1))  # noqa: S311 - repeatable
