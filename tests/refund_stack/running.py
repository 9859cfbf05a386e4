"""The refund service running on this machine: LocalStack, payment gateway, stack."""

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from harness.deploy import Deployer
from harness.emulator import gate_client, init_check
from harness.emulator.embedded import EmbeddedLocalStack
from harness.emulator.session import DEFAULT_ACCOUNT
from harness.environments import ROOT
from harness.package import Artefact, build
from refund_stack.payment_gateway import PaymentGateway
from refund_stack.stack import RefundStack, on_localstack

TEMPLATE = ROOT / "template.yaml"

# What makes failures quick enough to watch; template.yaml has the real defaults.
IMPATIENT = {
    "Stage": "local",
    "GatewayReadTimeoutSeconds": "1",
    "ProcessorTimeoutSeconds": "5",
    "VisibilityTimeoutSeconds": "2",
    "ThrottleRate": "1000",
    "ThrottleBurst": "1000",
}


@dataclass(frozen=True, slots=True)
class Running:
    """One refund service and what it runs on."""

    emulator: EmbeddedLocalStack
    gateway: PaymentGateway
    stack: RefundStack


@contextmanager
def running(
    name: str,
    *,
    parameters: Mapping[str, str] | None = None,
    port: int | None = None,
    log_path: Path | None = None,
    on_progress: Callable[[str], None],
) -> Iterator[Running]:
    """Run the service; everything is stopped and removed when the block ends.

    Raises:
        HarnessError: LocalStack, the build or the deployment failed.

    """
    with ThreadPoolExecutor(1) as pool:
        # The build needs no LocalStack: both take seconds, so they share them.
        building = pool.submit(_timed_build, on_progress)
        with (
            PaymentGateway() as gateway,
            EmbeddedLocalStack(
                port=port, log_path=log_path, on_progress=on_progress
            ) as emulator,
        ):
            wanted = IMPATIENT | {"GatewayUrl": gateway.url} | dict(parameters or {})
            stack = _deploy(emulator, building.result(), name, wanted, on_progress)
            yield Running(emulator, gateway, stack)
            gate_client.check_health(emulator.endpoint_url)


def _deploy(
    emulator: EmbeddedLocalStack,
    artefact: Artefact,
    name: str,
    parameters: Mapping[str, str],
    on_progress: Callable[[str], None],
) -> RefundStack:
    on_progress("deploying the stack")
    started = time.monotonic()
    session = emulator.session()
    deployed = Deployer.of(session, DEFAULT_ACCOUNT).deploy(artefact, name, parameters)
    init_check.check(session.client("lambda"), deployed.functions)
    on_progress(f"stack {name} deployed in {time.monotonic() - started:.1f} s")
    return on_localstack(
        name, deployed.outputs, session.client("apigateway"), emulator.endpoint_url
    )


def _timed_build(on_progress: Callable[[str], None]) -> Artefact:
    started = time.monotonic()
    artefact = build(TEMPLATE, on_progress)
    on_progress(f"artefact ready in {time.monotonic() - started:.1f} s")
    return artefact
