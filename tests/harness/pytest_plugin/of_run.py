"""The LocalStack of a pytest run.

Used by harness.pytest_plugin in the process that the user has started, which with
xdist is the controller.
"""

import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import pytest

from harness.emulator import choice
from harness.emulator.reachable import Emulator
from harness.pytest_gate import GateWatch

_FIRST_ACCOUNT = 100_000_000_000


@dataclass(frozen=True, slots=True)
class Given:
    """What a run has got; ``wait`` returns when LocalStack answers.

    Or it raises HarnessError.
    """

    emulator: Emulator
    watch: GateWatch
    wait: Callable[[], object]

    @staticmethod
    def account(worker: int) -> str:
        """Return the account of a worker, 0 and up."""
        return str(_FIRST_ACCOUNT + worker)


def start(config: pytest.Config, mode: str) -> Given:
    """Start one; it gets ready while the tests are collected.

    Raises:
        HarnessError: it cannot be started.

    """
    began = time.monotonic()
    started = choice.start(mode, progress)
    config.add_cleanup(partial(_stop, started.stop))

    def wait() -> None:
        started.wait()
        progress(f"LocalStack started in {time.monotonic() - began:.1f} s")

    executor = ThreadPoolExecutor(1, "localstack")
    ready = executor.submit(wait)

    def wait_until_ready() -> None:
        executor.shutdown()
        ready.result()

    watch = GateWatch(started.emulator.endpoint_url)
    return Given(started.emulator, watch, wait_until_ready)


def progress(text: str) -> None:
    """Tell the user what is going on."""
    print(f"harness: {text} …", file=sys.stderr, flush=True)


def _stop(stop: Callable[[], None]) -> None:
    began = time.monotonic()
    stop()
    said = f"harness: LocalStack stopped in {time.monotonic() - began:.1f} s"
    print(said, file=sys.stderr, flush=True)
