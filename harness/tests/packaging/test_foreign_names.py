"""LocalStack's names that the harness replaces or reaches into are what they were."""

import json
import subprocess
from pathlib import Path

from harness.tests import foreign_names
from sam_harness.environments import python_of


def test_the_names_of_localstacks_environment_are_what_they_were(
    tmp_path: Path,
) -> None:
    """Those of the tests' own environment: harness/tests/unit."""
    told = subprocess.run(  # noqa: S603 - LocalStack's own interpreter
        [python_of("localstack"), "-I", foreign_names.__file__, "localstack"],
        env={"FILESYSTEM_ROOT": str(tmp_path), "OVERRIDE_IN_DOCKER": "0"},
        capture_output=True,
        text=True,
        check=True,
    )

    moved = foreign_names.moved("localstack", json.loads(told.stdout))
    assert not moved, "\n".join(moved)
