"""The local check agrees with itself, and with no other model."""

from dataclasses import replace

import pytest

from bench.scale.limits import StackSettings
from bench.scale.local_prediction import (
    Calibration,
    Comparison,
    Observed,
    Plan,
    Sample,
    compare,
    local_settings,
    predict,
)
from unit.bench.scale.builders import SETTINGS

PLAN = Plan(drain_timeout_s=40)
STEP_S = 0.2
TOOK = Calibration(decided_s=1.0, refused_s=0.2)
LOCAL = local_settings(SETTINGS)
ACCEPTED_S = tuple(count / PLAN.rate_per_s for count in range(375))


@pytest.fixture(scope="module")
def seen() -> Observed:
    """Return what a local stack shows that is just as the simulation says."""
    bare = Observed(ACCEPTED_S, PLAN.outage, samples=())
    line = predict(PLAN, bare, LOCAL, TOOK, STEP_S)
    samples = tuple(
        Sample((step + 1) * line.step_s, backlog, line.dead[step])
        for step, backlog in enumerate(line.backlog)
    )
    return replace(bare, samples=samples)


def test_the_same_model_fits(seen: Observed) -> None:
    """Every figure, and none of them is trivially nothing."""
    compared = compare(PLAN, seen, predict(PLAN, seen, LOCAL, TOOK, STEP_S))

    assert all(one.fits and one.measured > 10 for one in compared)


@pytest.mark.parametrize(
    "wrong",
    [
        replace(LOCAL, max_receive_count=2),
        replace(LOCAL, gateway_timeout_s=3),
    ],
    ids=["fewer receives", "a longer timeout"],
)
def test_another_model_does_not_fit(seen: Observed, wrong: StackSettings) -> None:
    """The tolerance is narrow enough to notice what matters."""
    compared = compare(PLAN, seen, predict(PLAN, seen, wrong, TOOK, STEP_S))

    assert not all(one.fits for one in compared)


def test_a_figure_fits_within_a_share_or_a_slack() -> None:
    """Small figures may be off by the slack, large ones by the share."""
    assert Comparison("n", "", measured=8, predicted=4, share=0.1, slack=5).fits
    assert not Comparison("n", "", measured=120, predicted=100, share=0.1, slack=5).fits
    assert Comparison("n", "", measured=109, predicted=100, share=0.1, slack=5).fits
