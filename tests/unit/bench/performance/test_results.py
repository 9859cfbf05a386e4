"""The benchmark's own arithmetic: what it reports, and what its gates let pass."""

from pathlib import Path

import pytest

from bench.performance import results
from bench.performance.results import GATES, METRICS, Summary, Verdict
from bench.performance.subjects import FLOOR, NAMES, OURS, PEER

METRIC = "receiver_cold_cpu"


def _results(ours: Summary, peer: Summary) -> results.Results:
    return {METRIC: {OURS: ours, PEER: peer, FLOOR: Summary(1, 1, 1)}}


def test_samples_become_medians_and_minima_in_their_unit() -> None:
    """Seconds become milliseconds, one disturbed sample changes neither much."""
    samples = {METRIC: {OURS: [0.1, 0.3, 9.0], PEER: [0.2]}}

    found = results.summarise(samples)

    assert found[METRIC] == {
        OURS: Summary(300.0, 100.0, 3),
        PEER: Summary(200.0, 200.0, 1),
    }


def test_a_disturbance_of_one_figure_is_no_regression() -> None:
    """Medians were disturbed, minima were not: the smaller ratio counts."""
    found = _results(Summary(80, 40, 15), Summary(100, 100, 15))

    assert results.ratio(found, METRIC) == pytest.approx(0.4)


def test_a_regression_in_medians_and_minima_fails_its_gate() -> None:
    """The verdict names the gate, what was measured and the bound."""
    found = _results(Summary(46, 46, 15), Summary(100, 100, 15))

    [verdict] = results.verdicts(found)

    assert not verdict.holds
    assert str(verdict) == ("receiver_cold_cpu FAILS: 0.46 of peer_usual, at most 0.45")


@pytest.mark.parametrize(("metric", "bound"), GATES.items())
def test_a_gate_holds_up_to_its_bound(metric: str, bound: float) -> None:
    """Exactly the bound is within it."""
    assert Verdict(metric, bound).holds
    assert not Verdict(metric, bound + 0.001).holds


def test_every_gate_is_about_something_measured() -> None:
    """A misspelt metric would never be judged."""
    assert set(GATES) <= {metric.name for metric in METRICS}


def test_what_is_saved_is_read_back(tmp_path: Path) -> None:
    """The page is written from the stored figures."""
    found = {METRIC: {name: Summary(2.5, 1.0, 3) for name in NAMES}}
    path = tmp_path / "reports" / "performance.json"

    results.save(found, {"cpus": 2}, path)

    assert results.read(path) == (found, {"cpus": 2})
