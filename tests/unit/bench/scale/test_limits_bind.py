"""Each limit binds where arithmetic says, and is named when it does."""

from dataclasses import replace

import pytest

from bench.scale.accepting import WarmThroughput, served_of_order, zipf_shares
from bench.scale.durations import PaymentGatewayModel
from bench.scale.limits import Bound, Limits, Pollers
from bench.scale.scenario import Scenario, Skew
from bench.scale.simulation import simulate
from unit.bench.scale.builders import BATCH_S, OPEN, a_scenario, some_settings


def test_the_key_lets_through_its_burst_and_then_its_rate() -> None:
    """A token bucket: 60 s at 10/s, and 40 at once."""
    settings = some_settings(throttle_rate=10, throttle_burst=40)

    line = simulate(a_scenario(settings=settings))

    assert line.accepted[-1] == 40 + 60 * 10
    assert set(+line.turned_away) == {Bound.THROTTLE_RATE}


def test_reads_cost_as_many_tokens_as_refunds() -> None:
    """Two GETs for each POST: a third of the rate is left."""
    settings = some_settings(throttle_rate=30, throttle_burst=0)

    line = simulate(a_scenario(settings=settings, reads_per_refund=2))

    assert line.accepted[-1] == 60 * 10


def test_a_bucket_smaller_than_a_steps_refill_keeps_its_rate() -> None:
    """AWS's burst is half of its rate; a step of a second must not halve the rate."""
    limits = replace(OPEN, api_requests_per_s=40, api_burst=5)

    line = simulate(a_scenario(per_s=100, limits=limits))

    assert line.accepted[-1] == pytest.approx(60 * 40, abs=5)
    assert set(+line.turned_away) == {Bound.API_ACCOUNT}


def test_the_quota_is_exact_and_new_every_day() -> None:
    """1,000 requests and no more, until midnight."""
    settings = some_settings(quota_per_day=1_000)

    line = simulate(a_scenario(1, duration_s=100_000, step_s=500, settings=settings))

    assert line.at(line.accepted, 86_000) == 1_000
    assert line.accepted[-1] == 2_000


def test_processors_work_off_a_batch_each_in_a_batchs_time() -> None:
    """Little's law: 3 Processors, 10 refunds each, 0.5 s."""
    settings = some_settings(maximum_concurrency=3)

    line = simulate(a_scenario(per_s=200, settings=settings))

    assert line.per_s(line.decided, 10, 59) == pytest.approx(3 * 10 / BATCH_S, rel=0.01)
    assert max(line.held_up, key=lambda b: line.held_up[b]) == Bound.MAXIMUM_CONCURRENCY


def test_a_batch_that_outlasts_a_step_counts_its_whole_time() -> None:
    """1.7 s is neither one step nor two."""
    gateway = PaymentGatewayModel(median_s=1.2, sigma=0)
    settings = some_settings(maximum_concurrency=20)

    line = simulate(a_scenario(per_s=200, settings=settings, gateway=gateway))

    assert line.per_s(line.decided, 10, 59) == pytest.approx(20 * 10 / 1.7, rel=0.03)


def test_a_new_mapping_begins_with_five_and_grows_by_five_a_second() -> None:
    """Of which 300 a minute is the documented name."""
    line = simulate(a_scenario(per_s=8_000, limits=_closed(OPEN), duration_s=30))

    assert line.concurrency[1] == pytest.approx(10, abs=5)
    assert line.concurrency[20] == pytest.approx(5 + 20 * 5, abs=5)


def test_provisioned_pollers_begin_at_their_minimum() -> None:
    """Ten polls a second for each poller, from the first second on."""
    settings = some_settings(pollers=Pollers(minimum=20, maximum=40))

    line = simulate(a_scenario(per_s=8_000, limits=_closed(OPEN), settings=settings))

    assert line.receives[1] == 20 * 10 * settings.batch_size
    assert line.per_s(line.receives, 40, 59) == 40 * 10 * settings.batch_size


def test_a_new_table_takes_four_thousand_writes() -> None:
    """Puts and updates together; the rest is answered 503."""
    line = simulate(a_scenario(per_s=6_000, warm_write_units_per_s=0, limits=Limits()))

    written = line.accepted[-1] + line.decided[-1]
    assert written <= 60 * 4_000
    assert line.turned_away[Bound.TABLE_WARM] > 0


def test_a_table_takes_twice_its_peak_half_an_hour_later() -> None:
    """3,000/s, written twice: too many for a new table, not for an older one."""
    limits = replace(OPEN, table_doubling_s=120)

    line = simulate(a_scenario(3_000, 400, warm_write_units_per_s=4_000, limits=limits))

    assert line.per_s(line.accepted, 10, 110) < 2_500
    assert line.per_s(line.accepted, 300, 390) == pytest.approx(3_000, rel=0.01)


def test_a_peak_counts_double_once_it_is_half_an_hour_old() -> None:
    """700 writes/s seen, 1,400 allowed; never less than at first."""
    warm = WarmThroughput(Limits(), initial=100)
    warm.record(700, now_s=10)
    warm.record(5, now_s=70)

    assert warm.per_s(now_s=1_800) == 100
    assert warm.per_s(now_s=1_900) == 1_400


def test_one_order_gets_half_of_its_partition() -> None:
    """1,000 writes/s; each refund takes two."""
    one_order = Skew(exponent=50, orders=1_000)

    line = simulate(a_scenario(per_s=450, skew=one_order))
    assert line.turned_away[Bound.INDEX_PARTITION] == 0

    line = simulate(a_scenario(per_s=2_000, skew=one_order))
    assert line.accepted[-1] + line.decided[-1] <= 60 * 1_000
    assert line.turned_away[Bound.INDEX_PARTITION] > 0


def test_an_order_within_its_partition_is_served() -> None:
    """The fixed point of one order: everything at 500/s, less above."""
    assert served_of_order(OPEN, 499, receives=3) == pytest.approx(1)
    assert served_of_order(OPEN, 2_000, receives=3) < 0.5


def test_shares_follow_zipfs_law() -> None:
    """The second order has half of the first one's share, and all are one."""
    shares = zipf_shares(1, orders=100, hottest=100)

    assert shares[1] == pytest.approx(shares[0] / 2)
    assert sum(shares) == pytest.approx(1)


def test_no_more_than_the_limit_is_in_flight() -> None:
    """Failing messages hide, and hidden ones count."""
    gateway = PaymentGatewayModel(outage=(0, 60), refuses=True)

    line = simulate(
        a_scenario(100, gateway=gateway, limits=replace(OPEN, queue_in_flight=500))
    )

    assert max(line.in_flight) == 500
    assert line.held_up[Bound.IN_FLIGHT] > 0


@pytest.mark.parametrize(
    ("concurrency", "bound"),
    [(3, Bound.LAMBDA_CONCURRENCY), (4, Bound.LAMBDA_REQUESTS)],
)
def test_the_receiver_needs_concurrency_for_its_time_and_for_its_requests(
    concurrency: int, bound: Bound
) -> None:
    """Slow requests use it up; of quick ones, each unit serves ten a second."""
    scenario = a_scenario(100, limits=replace(OPEN, lambda_concurrency=concurrency))
    if bound is Bound.LAMBDA_CONCURRENCY:
        slow = replace(scenario.durations, receiver_s=0.5)
        scenario = replace(scenario, durations=slow)

    line = simulate(scenario)

    assert max(line.turned_away, key=lambda b: line.turned_away[b]) == bound


def test_a_function_grows_by_a_thousand_and_then_a_hundred_a_second() -> None:
    """Documented as 1,000 every 10 seconds, refilled continuously."""
    limits = replace(OPEN, lambda_concurrency=100_000)
    slow = replace(a_scenario().durations, receiver_s=1)

    line = simulate(a_scenario(5_000, 20, limits=limits, durations=slow))

    assert line.accepted[0] == 1_000
    assert line.accepted[10] - line.accepted[9] == 1_000 + 10 * 100
    assert line.turned_away[Bound.LAMBDA_SCALING] > 0


def test_more_processors_never_decide_less() -> None:
    """Decided refunds only grow with MaximumConcurrency."""
    decided = [
        simulate(
            a_scenario(300, settings=some_settings(maximum_concurrency=most))
        ).decided[-1]
        for most in (2, 4, 8, 16, 32)
    ]

    assert decided == sorted(decided)


def test_longer_outages_never_leave_fewer_dead() -> None:
    """Dead letters only grow with the outage."""
    dead = [simulate(_out_for(seconds)).dead[-1] for seconds in (0, 30, 60, 90, 120)]

    assert dead == sorted(dead)
    assert dead[0] == 0
    assert dead[-1] > 0


def _out_for(seconds: float) -> Scenario:
    gateway = PaymentGatewayModel(median_s=0, outage=(10, 10 + seconds), refuses=True)
    return a_scenario(per_s=20, duration_s=200, gateway=gateway)


def _closed(limits: Limits) -> Limits:
    return replace(limits, mapping_initial=Limits().mapping_initial)
