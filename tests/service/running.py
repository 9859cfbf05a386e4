"""The refund service running on this machine: LocalStack, payment gateway, stack."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from sam_harness.deploying.deploy import Deployer
from sam_harness.deploying.stack import DeployedStack
from sam_harness.emulator.embedded import EmbeddedLocalStack
from sam_harness.emulator.emulator import Emulator
from sam_harness.live.up import started
from sam_harness.packaging.build import Artefact, build
from service.checkout import TEMPLATE
from service.deployed import RefundService, from_outputs
from service.parameters import IMPATIENT
from service.payment_gateway import PaymentGateway


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
    localstack = EmbeddedLocalStack(
        port=port, log_path=log_path, on_progress=on_progress
    )
    with PaymentGateway() as gateway:

        def prepare(emulator: Emulator) -> Mapping[str, str]:
            wanted = IMPATIENT | {"GatewayUrl": gateway.url} | dict(parameters or {})
            if authorization:
                gateway.demand(authorization)
                wanted["GatewaySecretArn"] = _secret(emulator, authorization)
            return wanted

        make = partial(build, TEMPLATE, on_progress)
        with started(localstack, name, make, prepare) as service:
            yield Running(
                localstack,
                gateway,
                _asked(localstack, service.stack),
                service.artefact,
                service.parameters,
                service.deployer,
                service.stack,
            )


def _secret(emulator: Emulator, authorization: str) -> str:
    """Store the gateway's secret; return its ARN."""
    made = emulator.session().client("secretsmanager")
    text = secret_text(authorization)
    return made.create_secret(Name="gateway", SecretString=text)["ARN"]


def secret_text(authorization: str) -> str:
    """Return the secret as the Processor reads it."""
    return json.dumps({"authorization": authorization})


def _asked(emulator: EmbeddedLocalStack, deployed: DeployedStack) -> RefundService:
    return from_outputs(
        deployed.name,
        deployed.outputs,
        emulator.session().client("apigateway"),
        emulator.endpoint_url,
    )
