"""Whatever happens, no refund is lost and none is made up."""

from dataclasses import replace
from functools import cache

import pytest

from bench.scale.durations import PaymentGatewayModel
from bench.scale.limits import Limits, Pollers
from bench.scale.scenario import Redrive, Skew, arrivals, steady
from bench.scale.simulation import Timeline, simulate
from unit.bench.scale.builders import OPEN, a_scenario, some_settings

OUTAGE = PaymentGatewayModel(median_s=0.1, outage=(5, 25))
TROUBLES = {
    "nothing": a_scenario(),
    "nothing comes": a_scenario(per_s=0),
    "little comes": a_scenario(per_s=0.5),
    "hanging calls": a_scenario(gateway=OUTAGE),
    "refused calls": a_scenario(gateway=replace(OUTAGE, refuses=True)),
    "slow batches": a_scenario(gateway=PaymentGatewayModel(median_s=3)),
    "a breaker": a_scenario(gateway=OUTAGE, settings=some_settings(gateway_pause_s=3)),
    "the key's throttle": a_scenario(
        settings=some_settings(throttle_rate=7, throttle_burst=3)
    ),
    "the quota": a_scenario(settings=some_settings(quota_per_day=333)),
    "too few Processors": a_scenario(settings=some_settings(maximum_concurrency=2)),
    "AWS's defaults": a_scenario(
        per_s=20_000, duration_s=30, limits=Limits(), warm_write_units_per_s=0
    ),
    "few messages in flight": a_scenario(
        gateway=OUTAGE, limits=replace(OPEN, queue_in_flight=100)
    ),
    "skewed orders": a_scenario(per_s=3_000, duration_s=30, skew=Skew(1.5)),
    "provisioned pollers": a_scenario(
        settings=some_settings(pollers=Pollers(minimum=2, maximum=3))
    ),
    "a redrive": a_scenario(gateway=OUTAGE, redrive=Redrive(at_s=50, per_s=20)),
    "oldest first": a_scenario(gateway=OUTAGE, oldest_first=True),
    "short steps": a_scenario(duration_s=20, step_s=0.25, gateway=OUTAGE),
}


@cache
def after(trouble: str) -> Timeline:
    """Simulate each trouble once for all tests."""
    return simulate(TROUBLES[trouble])


@pytest.mark.parametrize("trouble", TROUBLES)
def test_accepted_is_decided_or_queued_or_dead_after_every_step(trouble: str) -> None:
    """The four counts agree at all times, and none is negative."""
    line = after(trouble)

    counted = zip(line.decided, line.waiting, line.in_flight, line.dead, strict=True)
    steps = list(counted)
    assert line.accepted == [sum(step) for step in steps]
    assert min(min(step) for step in steps) >= 0


@pytest.mark.parametrize("trouble", TROUBLES)
def test_asked_is_accepted_or_turned_away(trouble: str) -> None:
    """Every refund that is not accepted is on some limit's account."""
    line = after(trouble)

    assert line.asked[-1] == line.accepted[-1] + line.turned_away.total()
    assert min(line.turned_away.values()) >= 0


def test_the_same_seed_gives_the_same_timeline() -> None:
    """A figure on the page can be had again."""
    scenario = a_scenario(gateway=OUTAGE)

    assert simulate(scenario) == simulate(scenario)


def test_another_seed_gives_another_timeline() -> None:
    """The seed is what makes the arrivals."""
    assert simulate(a_scenario(seed=1)).asked != simulate(a_scenario(seed=2)).asked


def test_arrivals_have_the_mean_that_is_asked_for() -> None:
    """Poisson counts, few or many, come to the rate in the long run."""
    for per_s in (0.5, 20, 500):
        counts = arrivals(steady(per_s), seed=1, steps=2_000, step_s=1)

        assert sum(counts) == pytest.approx(per_s * 2_000, rel=0.05)
