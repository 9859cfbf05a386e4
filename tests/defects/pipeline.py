"""The pipeline's steps, run in a checkout until one of them says no."""

import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from harness.environments import ROOT

# As `make test`, then .ci/run, run them.
STEPS = (
    "lint",
    "types",
    "policy",
    "workflows",
    "unit",
    "integration-embedded",
    "e2e-rehearsal",
    "deploy-rehearsal",
)
STEP_TIMEOUT_S = 900


@dataclass(frozen=True, slots=True)
class Stop:
    """The step that said no, after how long, and its last words."""

    step: str
    elapsed_s: float
    output: str


def first_stop(checkout: Path, on_step: Callable[[str], None]) -> Stop | None:
    """Return what stops this checkout; None: the pipeline lets it pass."""
    began = time.monotonic()
    for step in STEPS:
        on_step(step)
        done = subprocess.run(
            [
                *(ROOT / ".tools" / "bin" / "tox", "run", "-q", "-e", step),
                # The environments of this checkout: only the source differs.
                *("--workdir", ROOT / ".tox", "--conf", checkout / "tox.ini"),
            ],
            cwd=checkout,
            env=_outside_of_tox(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=STEP_TIMEOUT_S,
        )
        if done.returncode:
            return Stop(step, time.monotonic() - began, done.stdout)
    return None


def _outside_of_tox() -> dict[str, str]:
    """Return the environment without what the tox around this command has set."""
    ours = ("TOX_", "PYTHONPATH", "VIRTUAL_ENV")
    return {
        name: value for name, value in os.environ.items() if not name.startswith(ours)
    }
