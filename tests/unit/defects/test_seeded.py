"""The list of seeded defects fits the source as it is."""

from pathlib import Path

import pytest

from defects import seeded
from defects.pipeline import STEPS
from defects.seeded import Defect
from sam_harness.errors import HarnessError, UsageError
from service.checkout import ROOT

ALL = list(seeded.load().values())


@pytest.mark.parametrize("defect", ALL, ids=lambda defect: defect.name)
def test_each_defect_can_be_seeded(defect: Defect, tmp_path: Path) -> None:
    """A list that the source has left behind would prove nothing."""
    copy = tmp_path / defect.file
    copy.parent.mkdir(parents=True, exist_ok=True)
    before = (ROOT / defect.file).read_text()
    copy.write_text(before)

    defect.seed(tmp_path)

    assert copy.read_text() != before


def test_a_dozen_defects_are_of_a_dozen_kinds() -> None:
    """Twelve of one kind would show one step twelve times."""
    assert len({defect.kind for defect in ALL}) == len(ALL) >= 12


def test_each_defect_is_expected_by_a_step_of_the_pipeline() -> None:
    """A step that is not run stops nothing."""
    assert {defect.stopped_by for defect in ALL} <= set(STEPS)


def test_a_defect_that_no_longer_fits_is_an_error(tmp_path: Path) -> None:
    """It is not taken for one that was stopped."""
    (tmp_path / "source").write_text("new text")
    stale = Defect("stale", "a kind", "source", "old text", "wrong text", "lint")

    with pytest.raises(HarnessError, match="stale: source holds `old` 0 times"):
        stale.seed(tmp_path)


def test_an_unknown_name_is_a_usage_error() -> None:
    """The message lists what there is."""
    with pytest.raises(UsageError, match=r"no such defect: typo; known: debug-output"):
        seeded.chosen(["typo"])
