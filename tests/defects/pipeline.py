"""The pipeline's steps, run in a checkout until one of them says no."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sam_harness.errors import HarnessError
from service.checkout import ROOT

# As `make test`, then .ci/run, run them.
STEPS = (
    "lint",
    "types",
    "policy",
    "workflows",
    "unit",
    "integration-embedded",
    "faults",
    "e2e-rehearsal",
    "deploy-rehearsal",
)
STEP_TIMEOUT_S = 900
# One violated cell is enough.
_OPTIONS = {"faults": ("--", "--first")}


@dataclass(frozen=True, slots=True)
class Stop:
    """The step that said no, after how long, and its last words."""

    step: str
    elapsed_s: float
    output: str


def first_stop(
    checkout: Path, on_step: Callable[[str], None], steps: Sequence[str] = STEPS
) -> Stop | None:
    """Return what stops this checkout; None: these steps let it pass.

    Raises:
        HarnessError: a step did not end.
    """
    began = time.monotonic()
    for step in steps:
        on_step(step)
        status, output = _run(step, checkout)
        if status:
            return Stop(step, time.monotonic() - began, output)
    return None


def _run(step: str, checkout: Path) -> tuple[int, str]:
    tox = ROOT / ".tools" / "bin" / "tox"
    # Environments of their own, kept for the next defect: what a run of tox installs is
    # the source that it runs on, and this checkout's may be in use.
    shared = ("--workdir", ROOT / ".tox" / "defects", "--conf", checkout / "tox.ini")
    with subprocess.Popen(
        [tox, "run", "-q", "-e", step, *shared, *_OPTIONS.get(step, ())],
        cwd=checkout,
        env=_outside_of_tox(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            output, _ = process.communicate(timeout=STEP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            raise HarnessError(f"{step} did not end in {STEP_TIMEOUT_S} s") from None
        finally:
            _interrupt(process)
        return process.returncode, output


def _interrupt(process: subprocess.Popen[str]) -> None:
    """End a step that still runs as Ctrl-C does, so that it stops what it started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)
        process.communicate()


def _outside_of_tox() -> dict[str, str]:
    """Return the environment without what the tox around this command has set."""
    ours = ("TOX_", "PYTHONPATH", "VIRTUAL_ENV")
    return {
        name: value for name, value in os.environ.items() if not name.startswith(ours)
    }
