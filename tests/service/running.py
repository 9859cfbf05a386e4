"""The refund service running on this machine: LocalStack, payment gateway, stack."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sam_harness.deploying.deploy import Deployer
from sam_harness.deploying.stack import DeployedStack
from sam_harness.emulator import gate_client, init_check
from sam_harness.emulator.embedded import EmbeddedLocalStack
from sam_harness.emulator.emulator import DEFAULT_ACCOUNT
from sam_harness.emulator.environment import SERVICES
from sam_harness.packaging.build import Artefact, build
from service.checkout import TEMPLATE
from service.deployed import RefundService, from_outputs
from service.parameters import IMPATIENT
from service.payment_gateway import PaymentGateway

# Started only where it is needed: it takes its time.
_SECRETS = ("secretsmanager",)


@dataclass(frozen=True, slots=True)
class Running:
    """One refund service, what it runs on, and what it was deployed from."""

    emulator: EmbeddedLocalStack
    gateway: PaymentGateway
    stack: RefundService
    artefact: Artefact
    parameters: Mapping[str, str]
    deployer: Deployer
    deployed: DeployedStack

    def with_stack(self, deployed: DeployedStack) -> "Running":
        """Return the service after its stack was updated."""
        return replace(self, deployed=deployed, stack=_asked(self.emulator, deployed))


@contextmanager
def running(  # noqa: PLR0913 - what can be chosen of a service
    name: str,
    *,
    parameters: Mapping[str, str] | None = None,
    port: int | None = None,
    log_path: Path | None = None,
    authorization: str = "",
    on_progress: Callable[[str], None],
) -> Iterator[Running]:
    """Run the service; everything is stopped and removed when the block ends.

    ``authorization`` is what the gateway demands; the stack has it from its secret.

    Raises:
        HarnessError: LocalStack, the build or the deployment failed.

    """
    with ThreadPoolExecutor(1) as pool:
        # The build needs no LocalStack: both take seconds, so they share them.
        building = pool.submit(_timed_build, on_progress)
        with (
            PaymentGateway() as gateway,
            EmbeddedLocalStack(
                port=port,
                services=(*_SECRETS, *SERVICES) if authorization else SERVICES,
                log_path=log_path,
                on_progress=on_progress,
            ) as emulator,
        ):
            wanted = IMPATIENT | {"GatewayUrl": gateway.url} | dict(parameters or {})
            if authorization:
                gateway.demand(authorization)
                wanted["GatewaySecretArn"] = _secret(emulator, authorization)
            artefact = building.result()
            deployer = Deployer(emulator.session(), DEFAULT_ACCOUNT)
            deployed = _deploy(emulator, deployer, artefact, name, wanted, on_progress)
            stack = _asked(emulator, deployed)
            yield Running(
                emulator, gateway, stack, artefact, wanted, deployer, deployed
            )
            gate_client.check_health(emulator.endpoint_url)


def _secret(emulator: EmbeddedLocalStack, authorization: str) -> str:
    """Store the gateway's secret; return its ARN."""
    made = emulator.session().client("secretsmanager")
    text = secret_text(authorization)
    return made.create_secret(Name="gateway", SecretString=text)["ARN"]


def secret_text(authorization: str) -> str:
    """Return the secret as the Processor reads it."""
    return json.dumps({"authorization": authorization})


def _deploy(  # noqa: PLR0913, PLR0917 - a step of running(), which has them all
    emulator: EmbeddedLocalStack,
    deployer: Deployer,
    artefact: Artefact,
    name: str,
    parameters: Mapping[str, str],
    on_progress: Callable[[str], None],
) -> DeployedStack:
    on_progress("deploying the stack")
    started = time.monotonic()
    deployed = deployer.deploy(artefact, name, parameters)
    init_check.check(emulator.session().client("lambda"), deployed.functions)
    on_progress(f"stack {name} deployed in {time.monotonic() - started:.1f} s")
    return deployed


def _asked(emulator: EmbeddedLocalStack, deployed: DeployedStack) -> RefundService:
    return from_outputs(
        deployed.name,
        deployed.outputs,
        emulator.session().client("apigateway"),
        emulator.endpoint_url,
    )


def _timed_build(on_progress: Callable[[str], None]) -> Artefact:
    started = time.monotonic()
    artefact = build(TEMPLATE, on_progress)
    on_progress(f"artefact ready in {time.monotonic() - started:.1f} s")
    return artefact
