"""A command that runs until Ctrl-C: its signals, its port, its end."""

import argparse
import signal
import sys
from collections.abc import Callable
from math import inf
from operator import not_

from sam_harness.emulator.embedded import EmbeddedLocalStack, free_port
from sam_harness.errors import HarnessError
from sam_harness.waiting import wait_until

PORT = 4566  # LocalStack's own, so that other tools find it without being told
LOOK_S = 0.5  # how often to look whether it should go on


def end_by_signals() -> None:
    """Have SIGTERM end this process like Ctrl-C, so that everything is cleaned up."""
    # Set even where it was ignored, as in a shell's background job.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda signum, _frame: sys.exit(128 + signum))


def add_port(parser: argparse.ArgumentParser) -> None:
    """Declare LocalStack's port, as ``port``: None where none is named."""
    parser.add_argument(
        "--port",
        type=_port,
        help=f"LocalStack's port; without it {PORT}, or a free one where it is taken",
    )


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return int(text)


def usual_port(on_progress: Callable[[str], None]) -> int | None:
    """Return LocalStack's own port; None where it is taken: any free one."""
    try:
        return free_port(PORT)
    except HarnessError:
        on_progress(f"port {PORT} is taken: using a free one")
        return None


def until_interrupted(goes_on: Callable[[], bool]) -> None:
    """Return after Ctrl-C, or when ``goes_on`` says no more."""
    print("Ctrl-C stops everything.", flush=True)
    try:
        wait_until(
            goes_on, not_, what="the end of LocalStack", timeout_s=inf, poll_s=LOOK_S
        )
    except KeyboardInterrupt:
        print("\nstopping …", file=sys.stderr)


def still_runs(localstack: EmbeddedLocalStack) -> bool:
    """Return True as long as LocalStack runs.

    Raises:
        HarnessError: it ended by itself.
    """
    if localstack.is_running:
        return True
    raise HarnessError(f"LocalStack ended by itself: see {localstack.log_path}")
