"""When redelivery ends and dead letters begin."""

import pytest

from bench.scale.consuming import QueueModel
from bench.scale.durations import PaymentGatewayModel
from bench.scale.scenario import Redrive
from bench.scale.simulation import simulate
from unit.bench.scale.builders import a_scenario, some_settings

REFUSED = PaymentGatewayModel(median_s=0, outage=(10, 200), refuses=True)


def test_the_first_message_dies_after_all_its_receives() -> None:
    """3 receives, 20 s apart: 60 s after the outage's first failure."""
    line = simulate(a_scenario(20, 200, gateway=REFUSED))

    dead_s = line.first(line.dead)
    assert dead_s is not None
    assert dead_s - 10 == pytest.approx(3 * 20, abs=2)


def test_what_was_sent_shortly_before_the_end_survives() -> None:
    """Dead are those whose last try lay in the outage, too: all but 2 x 20 s."""
    line = simulate(a_scenario(20, 300, gateway=REFUSED))

    sent = line.per_s(line.accepted, 10, 200 - 2 * 20) * (190 - 2 * 20)
    assert line.dead[-1] == pytest.approx(sent, rel=0.05)


def test_more_receives_than_the_outage_lasts_leave_none_dead() -> None:
    """12 receives, 20 s apart, outlast 190 s."""
    settings = some_settings(max_receive_count=12)

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
    """Above 60 s from the first minute's end on: rings at the third."""
    settings = some_settings(max_receive_count=100)
    refused = PaymentGatewayModel(median_s=0, outage=(10, 300), refuses=True)

    line = simulate(a_scenario(2, 300, gateway=refused, settings=settings))

    assert line.age_alarm(60) == pytest.approx(240)
    assert line.age_alarm(10_000) is None


def test_a_batch_may_fail_in_part() -> None:
    """A payment gateway at its capacity decides that much, and no less."""
    weak = PaymentGatewayModel(median_s=0, capacity_per_s=15)

    line = simulate(a_scenario(20, 60, gateway=weak))

    assert line.decided[-1] == pytest.approx(60 * 15, rel=0.05)


@pytest.mark.parametrize(("oldest_first", "sent_s"), [(True, 0), (False, 1)])
def test_the_order_of_redelivery_can_be_either(
    *, oldest_first: bool, sent_s: float
) -> None:
    """LocalStack delivers the oldest message first; SQS promises nothing."""
    queue = QueueModel(max_receive_count=3, oldest_first=oldest_first)
    queue.send(1, 0)
    (failed,) = queue.receive(1)
    queue.hide(failed, until_s=5)
    queue.send(1, 1)
    queue.reveal(5)

    (received,) = queue.receive(1)

    assert received.sent_s == sent_s
