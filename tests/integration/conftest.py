"""One refund stack per process, in an account of its own; made when needed.

The stack's parameters are impatient (see refund_stack.running), so that failures are
quick. Tests keep out of each other's way by order ids: the payment gateway's rules go
by their prefix.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from threading import Thread
from uuid import uuid4

import boto3
import pytest

from harness import pytest_localstack, pytest_phases
from harness.deploying.deploy import Deployer
from harness.deploying.stack import DeployedStack
from harness.emulator import init_check
from harness.emulator.reachable import Emulator
from harness.errors import HarnessError
from harness.forks.tasks import Task
from harness.packaging.build import Artefact, build
from integration import schedule
from refund_stack import not_provable
from refund_stack.client import RefundClient
from refund_stack.function_log import FunctionLog
from refund_stack.operator import Operator
from refund_stack.payment_gateway import PaymentGateway
from refund_stack.queues import Queues
from refund_stack.running import IMPATIENT, TEMPLATE
from refund_stack.stack import RefundStack, from_outputs

pytest_plugins = ["harness.pytest_plugin", "harness.access.pytest_plugin"]


_build = pytest.StashKey[Thread]()


def pytest_configure(config: pytest.Config) -> None:
    """Begin the build: it needs no LocalStack, and both take seconds."""
    if not config.option.collectonly:
        config.stash[_build] = Thread(target=_build_ahead, name="build", daemon=True)
        config.stash[_build].start()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the longest begin, in the random order within."""
    items.sort(key=schedule.rank)


def pytest_forks_queues(items: Sequence[pytest.Item]) -> Sequence[Sequence[Task]]:
    """Give out tests by files, the longest first, to whoever is free.

    Once the artefact is built, which forks could not wait for.
    """
    build_ahead = items[0].config.stash[_build]
    if build_ahead.is_alive():
        pytest_localstack.progress("building the artefact")
    build_ahead.join()
    return [schedule.tasks(items)]


def _build_ahead() -> None:
    # Whoever needs the artefact waits for it, and is told what is wrong with it.
    with suppress(HarnessError):
        build(TEMPLATE)


@pytest.fixture(scope="session")
def artefact(pytestconfig: pytest.Config) -> Artefact:
    """Return what `sam build` makes of this checkout."""
    with pytest_phases.measured(pytestconfig, "artefact ready"):
        return build(TEMPLATE)


@pytest.fixture(scope="session")
def gateway(emulator: Emulator) -> Iterator[PaymentGateway]:
    """Yield a payment gateway where the functions can reach it."""
    with PaymentGateway(emulator.listen_address) as gateway:
        yield gateway


@pytest.fixture(scope="session")
def session(emulator: Emulator, account_id: str) -> boto3.Session:
    """Return a session in this process's account."""
    return emulator.session(account_id)


@pytest.fixture(scope="session")
def parameters(emulator: Emulator, gateway: PaymentGateway) -> dict[str, str]:
    """Return the parameters that the stack is deployed with."""
    url = f"http://{emulator.host_address}:{gateway.port}"
    # As on production, so that all of the template is there.
    shifted = {"DeploymentType": "Canary10Percent5Minutes"}
    return {**IMPATIENT, **shifted, "Stage": "test", "GatewayUrl": url}


@pytest.fixture(scope="session")
def deployed(
    artefact: Artefact,
    session: boto3.Session,
    account_id: str,
    parameters: dict[str, str],
    pytestconfig: pytest.Config,
) -> DeployedStack:
    """Return the stack as CloudFormation describes it."""
    deployer = Deployer.of(session, account_id)
    with pytest_phases.measured(pytestconfig, "stack deployed"):
        return deployer.deploy(artefact, f"refunds-{uuid4().hex[:8]}", parameters)


@pytest.fixture(scope="session")
def stack(
    deployed: DeployedStack, session: boto3.Session, emulator: Emulator
) -> RefundStack:
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
    init_check.check(session.client("lambda"), deployed.functions)
    client = RefundClient(stack)
    answer = client.post("WARM-UP", "1.00")
    assert answer.status_code == 202, answer.text
    client.wait_for_status(answer.json()["refundId"], "APPROVED", timeout_s=30)
    return stack


@pytest.fixture(scope="session")
def client(stack: RefundStack) -> RefundClient:
    """Return a client of the stack's API."""
    return RefundClient(stack)


@pytest.fixture(scope="session")
def queues(stack: RefundStack, session: boto3.Session) -> Queues:
    """Return the stack's queues."""
    return Queues(session.client("sqs"), stack)


@pytest.fixture(scope="session")
def function_logs(stack: RefundStack, session: boto3.Session) -> dict[str, FunctionLog]:
    """Return the log of each function: receiver, processor, reader."""
    logs = session.client("logs")
    return {
        name: FunctionLog(logs, f"/aws/lambda/{function.name}")
        for name, function in stack.functions.items()
    }


@pytest.fixture(scope="session")
def operator(stack: RefundStack, account_id: str) -> Operator:
    """Return somebody who operates the stack."""
    return Operator(stack, account_id)


@pytest.fixture
def an_order() -> str:
    """Return an order id that no other test uses."""
    return f"ORDER-{uuid4().hex}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what a green run does not mean."""
    terminalreporter.section("not provable here")
    for line in not_provable.lines():
        terminalreporter.line(line)
