"""The wire kills the function's process, and never anything else."""

# ruff: noqa: S603 - it starts a Python of its own

import subprocess
import sys

from service.checkout import ROOT

KILLS_WHAT_HAS_NO_ID = """
import sys
sys.path[:0] = ["src", "tests"]
import urllib3
from faults.fault import AWS
from faults.wire import Wire
from service.loopback import serving

[fault] = [one for one in AWS if one.name == "killed before"]
with serving(Wire(behind=None)) as wire:
    wire.inject("PutItem", fault, 1, lambda: 0)
    try:
        urllib3.request(
            "POST", wire.url, headers={"X-Amz-Target": "x.PutItem"}, retries=False
        )
    except urllib3.exceptions.HTTPError:
        print(wire.met)
"""


def test_function_without_a_process_takes_no_group_of_processes_along() -> None:
    """To the signal 0 means all of them, from the run of the test to the shell."""
    ran = subprocess.run(
        [sys.executable, "-c", KILLS_WHAT_HAS_NO_ID],
        cwd=ROOT, capture_output=True, text=True, check=False, start_new_session=True,
    )  # fmt: skip

    assert (ran.returncode, ran.stdout) == (0, "1\n"), ran.stderr
