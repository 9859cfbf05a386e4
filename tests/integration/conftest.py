"""One refund stack per xdist worker, in an account of its own; made when needed.

The stack's parameters are impatient (see service.running), so that failures are
quick. Tests keep out of each other's way by order ids: the payment gateway's rules go
by their prefix.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from threading import Thread
from uuid import uuid4

import boto3
import pytest

from sam_harness.deploying.deploy import Deployer
from sam_harness.deploying.stack import DeployedStack
from sam_harness.emulator.emulator import DEFAULT_ACCOUNT, Emulator
from sam_harness.emulator.unproven import lines as unproven_lines
from sam_harness.errors import HarnessError
from sam_harness.packaging.build import Artefact, build
from sam_harness.template import lint
from service import second_opinion
from service.checkout import TEMPLATE
from service.client import RefundClient
from service.deployed import DeployAnother, RefundService, from_outputs
from service.parameters import IMPATIENT
from service.payment_gateway import PaymentGateway
from service.queues import Operator, Queues
from service.telemetry import FunctionLog

pytest_plugins = ["sam_harness.pytest_plugin.access"]

# Files that take long, the longest first: they begin before the others, which fill the
# workers at the end.
LONG = (
    "test_outage.py",
    "test_dead_letters.py",
    "test_live.py",
    "test_payment.py",
    "test_versions.py",
    "test_delivery.py",
    "test_calls.py",
    "test_resources.py",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the random order but for the files that take long."""
    place = {name: number for number, name in enumerate(LONG)}
    items.sort(key=lambda item: place.get(item.path.name, len(LONG)))


def pytest_configure(config: pytest.Config) -> None:
    """Begin the build, which needs no LocalStack."""
    if not hasattr(config, "workerinput") and not config.option.collectonly:
        Thread(target=_build_ahead, name="build", daemon=True).start()


def _build_ahead() -> None:
    # The fixture waits for it, and tells what is wrong with it.
    with suppress(HarnessError):
        lint.begin(TEMPLATE)
        build(TEMPLATE)


@pytest.fixture(scope="session")
def gateway(emulator: Emulator) -> Iterator[PaymentGateway]:
    """Yield a payment gateway where the functions can reach it."""
    with PaymentGateway(emulator.listen_address) as gateway:
        yield gateway


@pytest.fixture(scope="session")
def session(emulator: Emulator, account_id: str) -> boto3.Session:
    """Return a session in this worker's account."""
    return emulator.session(account_id)


@pytest.fixture(scope="session")
def artefact(artefact: Artefact, tmp_path_factory: pytest.TempPathFactory) -> Artefact:
    """Return what the build makes; for a second opinion, as MiniStack deploys it."""
    if not second_opinion.ASKED:
        return artefact
    return second_opinion.adapted(artefact, tmp_path_factory.mktemp("artefact"))


@pytest.fixture(scope="session")
def account_id(account_id: str) -> str:
    """Return this worker's account; of another MiniStack serves no API unsigned."""
    return DEFAULT_ACCOUNT if second_opinion.ASKED else account_id


@pytest.fixture(scope="session")
def stack_parameters(emulator: Emulator, gateway: PaymentGateway) -> dict[str, str]:
    """Return the parameters that the stack is deployed with."""
    url = f"http://{emulator.host_address}:{gateway.port}"
    # As on production, so that all of the template is there, but for MiniStack, which
    # refuses CodeDeploy.
    canary = {"DeploymentType": "Canary10Percent5Minutes"}
    shifted = {} if second_opinion.ASKED else canary
    return {**IMPATIENT, **shifted, "Stage": "test", "GatewayUrl": url}


@pytest.fixture(scope="session")
def stack(
    deployed: DeployedStack, session: boto3.Session, emulator: Emulator
) -> RefundService:
    """Return the stack, after one refund has gone all the way through it.

    That refund pays for the cold starts, which the impatient timeouts do not allow for.
    """
    stack = from_outputs(
        deployed.name,
        deployed.outputs,
        session.client("apigateway"),
        emulator.endpoint_url,
    )
    # First, so that what a function lacks has a name.
    second_opinion.check_init(session.client("lambda"), deployed.functions)
    client = RefundClient(stack)
    answer = client.post("WARM-UP", "1.00")
    assert answer.status_code == 202, answer.text
    client.wait_for_status(answer.json()["refundId"], "APPROVED", timeout_s=30)
    return stack


@pytest.fixture(scope="session")
def deploy_another(
    artefact: Artefact,
    session: boto3.Session,
    account_id: str,
    stack_parameters: dict[str, str],
    emulator: Emulator,
) -> DeployAnother:
    """Return what deploys a stack with other parameters."""
    apigateway = session.client("apigateway")

    def deploy(beginning: str, parameters: Mapping[str, str]) -> RefundService:
        name = f"{beginning}-{uuid4().hex[:8]}"
        deployed = Deployer(session, account_id).deploy(
            artefact, name, stack_parameters | dict(parameters)
        )
        return from_outputs(name, deployed.outputs, apigateway, emulator.endpoint_url)

    return deploy


@pytest.fixture(scope="session")
def client(stack: RefundService) -> RefundClient:
    """Return a client of the stack's API."""
    return RefundClient(stack)


@pytest.fixture
def unproven(
    stack: RefundService,  # noqa: ARG001 - has been deployed
    emulator: Emulator,
    account_id: str,
) -> dict[str, str]:
    """Return what the emulator has dropped of the stacks so far -> why that may be.

    Another emulator does not tell: all of it is to be there.
    """
    if not emulator.has_gate:
        return {}
    lines = unproven_lines(emulator.endpoint_url, account_id)
    told = (line.partition(": ") for line in lines if line.startswith("AWS::"))
    return {name: reason for name, _, reason in told}


@pytest.fixture(scope="session")
def queues(stack: RefundService, session: boto3.Session) -> Queues:
    """Return the stack's queues."""
    return Queues(session.client("sqs"), stack)


@pytest.fixture(scope="session")
def function_logs(
    stack: RefundService, session: boto3.Session
) -> dict[str, FunctionLog]:
    """Return the log of each function, by its name in FUNCTIONS."""
    logs = session.client("logs")
    return {
        name: FunctionLog(logs, f"/aws/lambda/{function.name}")
        for name, function in stack.functions.items()
    }


@pytest.fixture(scope="session")
def operator(stack: RefundService, account_id: str) -> Operator:
    """Return somebody who operates the stack."""
    return Operator(stack, account_id)


@pytest.fixture
def an_order() -> str:
    """Return an order id that no other test uses."""
    return f"ORDER-{uuid4().hex}"
