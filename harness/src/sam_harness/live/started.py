"""A LocalStack, an artefact and its stack, brought up side by side."""

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from sam_harness.deploying.deploy import Deployer
from sam_harness.deploying.stack import DeployedStack, with_nested
from sam_harness.emulator import gate_client, init_check
from sam_harness.emulator.embedded import EmbeddedLocalStack
from sam_harness.emulator.emulator import DEFAULT_ACCOUNT, Emulator
from sam_harness.packaging.build import Artefact

type Say = Callable[[str], None]


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
    on_progress: Say,
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
