"""A command that runs until Ctrl-C: what it starts, its signals, its port, its end."""

import argparse
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from math import inf
from operator import not_

from sam_harness.deploying.deploy import Deployer
from sam_harness.deploying.stack import DeployedStack, with_nested
from sam_harness.emulator import gate_client, init_check
from sam_harness.emulator.embedded import EmbeddedLocalStack, free_port
from sam_harness.emulator.emulator import DEFAULT_ACCOUNT, Emulator
from sam_harness.errors import HarnessError
from sam_harness.packaging.build import Artefact
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


@dataclass(frozen=True, slots=True)
class Started:
    """A stack, what it was deployed from, and by what."""

    artefact: Artefact
    parameters: Mapping[str, str]
    deployer: Deployer
    stack: DeployedStack


@contextmanager
def started(
    localstack: EmbeddedLocalStack,
    name: str,
    make: Callable[[], Artefact],
    prepare: Callable[[Emulator], Mapping[str, str]],
    on_progress: Callable[[str], None],
) -> Iterator[Started]:
    """Run the stack ``name``; everything is stopped and removed when the block ends.

    ``make`` makes the artefact while LocalStack starts. ``prepare`` makes there what
    the stack finds, and returns the stack's parameters.

    Raises:
        HarnessError: LocalStack, the build or the deployment failed.

    """
    with ThreadPoolExecutor(1) as pool:
        # The build needs no LocalStack: both take seconds, so they share them.
        building = pool.submit(make)
        with localstack:
            emulator = localstack.emulator
            parameters = prepare(emulator)
            artefact = building.result()
            on_progress("deploying the stack")
            began = time.monotonic()
            deployer = Deployer(emulator.session(), DEFAULT_ACCOUNT)
            stack = deployer.deploy(artefact, name, parameters)
            _check_starts(emulator, stack)
            on_progress(f"stack {name} deployed in {time.monotonic() - began:.1f} s")
            yield Started(artefact, parameters, deployer, stack)
            gate_client.check_health(emulator.endpoint_url)


def _check_starts(emulator: Emulator, stack: DeployedStack) -> None:
    session = emulator.session()
    functions = {
        f"{path}{logical_id}": name
        for path, each in with_nested(session.client("cloudformation"), stack)
        for logical_id, name in each.functions.items()
    }
    init_check.check(session.client("lambda"), functions)
