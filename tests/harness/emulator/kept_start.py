"""Starts a LocalStack to keep, and whoever keeps it."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from harness.emulator import kept_state
from harness.emulator.kept_state import State
from harness.emulator.readiness import undone_on_failure
from harness.environments import ROOT
from harness.errors import HarnessError
from harness.polling import wait_until

START_TIMEOUT_S = 90.0


def start(home: Path, key: str, services: Sequence[str], idle_s: float) -> State:
    """Return the LocalStack that was started; its keeper is nobody's child.

    Raises:
        HarnessError: it did not start; holds what the keeper said.

    """
    log = home / "keeper.log"
    with log.open("w") as output:
        keeper = subprocess.Popen(
            [
                *(sys.executable, "-m", "harness.emulator.keeper", str(home)),
                *(key, ",".join(services), str(idle_s)),
            ],
            env=os.environ | {"PYTHONPATH": str(ROOT / "tests")},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )

    def stop() -> None:
        keeper.terminate()
        keeper.wait()

    with undone_on_failure(stop):
        state = wait_until(
            lambda: kept_state.read(home) or keeper.poll(),
            lambda seen: seen is not None,
            what="start of a LocalStack to keep",
            timeout_s=START_TIMEOUT_S,
        )
    if not isinstance(state, State):
        raise HarnessError(f"no LocalStack to keep: {log.read_text().strip()}")
    keeper.returncode = 0  # it is nobody's child from here on: nobody waits for it
    return state
