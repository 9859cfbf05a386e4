"""The arrivals are those of an open model: by the clock, and the same each time."""

from math import sqrt

import pytest

from load.plan import SCENARIOS, Phase, Scenario


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.name)
def test_arrivals_are_the_same_each_time(scenario: Scenario) -> None:
    """In order, and within the load."""
    arrivals = scenario.arrivals()

    assert arrivals == sorted(scenario.arrivals())
    assert 0 <= arrivals[0] <= arrivals[-1] < scenario.duration_s


def test_as_many_arrive_as_the_phases_say() -> None:
    """On average: within five deviations of a Poisson process."""
    scenario = Scenario("any", (Phase(10, 100), Phase(200, 10), Phase(1, 100)))

    arrivals = scenario.arrivals()

    for begins, ends, expected in ((0, 100, 1000), (100, 110, 2000), (110, 210, 100)):
        count = sum(begins <= at < ends for at in arrivals)
        assert abs(count - expected) < 5 * sqrt(expected)
