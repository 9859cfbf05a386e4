"""The LocalStack of a pytest run: started for it, or kept by an earlier one.

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

from harness.emulator import choice, kept
from harness.emulator.reachable import Emulator
from harness.errors import HarnessError
from harness.pytest_gate import GateWatch

_FIRST_ACCOUNT = 100_000_000_000


@dataclass(frozen=True, slots=True)
class Given:
    """What a run has got; ``account`` returns the account of worker 0 and up.

    ``wait`` returns when LocalStack answers, or raises HarnessError.
    """

    emulator: Emulator
    watch: GateWatch
    account: Callable[[int], str]
    wait: Callable[[], object] = lambda: None


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
    return Given(started.emulator, watch, _account, wait_until_ready)


def take(config: pytest.Config, mode: str) -> Given:
    """Take the one that was kept, or start one to keep.

    Raises:
        HarnessError: there is none in this mode, or it cannot be started.

    """
    if mode != choice.EMBEDDED:
        raise HarnessError(
            "--keep-emulator keeps an embedded LocalStack, and this one would be in a "
            f"{mode}: add --emulator embedded"
        )
    lease = kept.take(progress)
    config.add_cleanup(lease.release)
    watch = GateWatch(lease.emulator.endpoint_url, accounts=lease.accounts)
    return Given(lease.emulator, watch, lease.account)


def progress(text: str) -> None:
    """Tell the user what is going on."""
    print(f"harness: {text} …", file=sys.stderr, flush=True)


def _account(worker: int) -> str:
    return str(_FIRST_ACCOUNT + worker)


def _stop(stop: Callable[[], None]) -> None:
    began = time.monotonic()
    stop()
    said = f"harness: LocalStack stopped in {time.monotonic() - began:.1f} s"
    print(said, file=sys.stderr, flush=True)
