"""Which artefacts stay in the cache."""

import os
import time
from pathlib import Path

import pytest

from harness import package


@pytest.mark.parametrize(
    ("age_s", "left"),
    [(0, 10), (package.IN_USE_S - 60, 10), (package.IN_USE_S + 60, package.KEPT)],
)
def test_of_the_old_ones_the_newest_are_left_and_all_that_may_be_in_use(
    tmp_path: Path, age_s: float, left: int
) -> None:
    """A run deploys what it has built a while ago, and others build meanwhile."""
    for number in range(10):
        built = tmp_path / f"template-{number}"
        built.mkdir()
        (built / ".ready").touch()
        when = time.time() - age_s + number
        os.utime(built, (when, when))

    package.forget_old(tmp_path, "template-9")

    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [f"template-{number}" for number in range(10 - left, 10)]
