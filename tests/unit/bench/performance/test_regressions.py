"""The deliberate regressions still find the places that they change."""

from pathlib import Path

import pytest

from bench.performance.measure import OF_GATE
from bench.performance.regressions import REGRESSIONS, Regression, worsened
from bench.performance.results import GATES
from bench.performance.subjects import MODULES
from service.checkout import ROOT


@pytest.mark.parametrize("regression", REGRESSIONS, ids=lambda one: one.name)
def test_a_regression_changes_a_copy_only(
    regression: Regression, tmp_path: Path
) -> None:
    """It compiles, and the checkout stays as it is."""
    original = (ROOT / regression.path).read_text()

    template = worsened(regression, tmp_path / "copy")

    changed = (template.parent / regression.path).read_text()
    compile(changed, regression.module, "exec")
    assert changed != original
    assert (ROOT / regression.path).read_text() == original


@pytest.mark.parametrize("module", MODULES.values())
def test_every_module_that_the_benchmark_names_is_there(module: str) -> None:
    """A module that moved must be named anew in subjects.py."""
    assert Path(ROOT, "src", *module.split(".")).with_suffix(".py").is_file()


def test_each_gate_can_be_measured_alone() -> None:
    """A regression is measured by the gate that must notice it."""
    assert set(GATES) == set(OF_GATE)
    assert {one.gate for one in REGRESSIONS} <= set(OF_GATE)
