"""Tests of a deployed stage, found by its stack's name; they need AWS credentials.

    tox -e e2e -- --stack refunds-test

Without a stage the run fails: it never passes by skipping. What cannot be proven
where it runs is left out and listed at the end, with the reason.
"""

import os
from collections.abc import Iterator
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import BotoCoreError, ClientError

from e2e.gateway_outage import GatewayOutage, controlled, simulated
from e2e.made import Made
from sam_harness.errors import HarnessError
from service.client import RefundClient
from service.deployed import Stage, find_stage

AWS_ONLY = "aws_only"
NOT_ON_PRODUCTION = "not_on_production"
BEFORE_OTHERS = "before_others"
_stage = pytest.StashKey[Stage]()
_left_out = pytest.StashKey[list[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what names the stage."""
    group = parser.getgroup("stage")
    group.addoption("--stack", metavar="NAME", help="name of the deployed stack")
    group.addoption(
        "--gateway-control-url",
        metavar="URL",
        help="where the stage's payment gateway can be told to hang; not needed where "
        "the simulated gateway answers",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers."""
    for line in (
        f"{AWS_ONLY}(*, reason): shows nothing anywhere but on AWS",
        f"{NOT_ON_PRODUCTION}(*, reason): leaves production alone",
        f"{BEFORE_OTHERS}: would have to wait for what other tests stir up",
    ):
        config.addinivalue_line("markers", line)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Find the stage, or refuse to run."""
    config = session.config
    name = config.getoption("stack")
    if not name:
        raise pytest.UsageError(
            "no stage was named: add --stack NAME, "
            "for example `tox -e e2e -- --stack refunds-test`"
        )
    try:
        config.stash[_stage] = find_stage(
            boto3.Session(),
            name,
            api_url=os.environ.get("API_URL", ""),
            endpoint_url=os.environ.get("AWS_ENDPOINT_URL", ""),
        )
    except (HarnessError, BotoCoreError, ClientError) as error:
        raise pytest.UsageError(f"--stack {name}: {error}") from error


def pytest_report_header(config: pytest.Config) -> str:
    """Say what is being tested."""
    stage = config.stash[_stage]
    return (
        f"stage: {stage.stack.name} ({stage.stack.stage}) at {stage.stack.api_url}, "
        f"payment gateway: {stage.gateway_url}"
    )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Leave out what this stage cannot or must not show, and remember why."""
    stage = config.stash[_stage]
    unwanted = {
        AWS_ONLY: bool(stage.stack.endpoint_url),
        NOT_ON_PRODUCTION: stage.is_production,
    }
    config.stash[_left_out] = []
    kept = []
    for item in items:
        marks = [mark for mark in item.iter_markers() if unwanted.get(mark.name)]
        config.stash[_left_out] += [
            f"{item.name}: {mark.kwargs['reason']}" for mark in marks
        ]
        if not marks:
            kept.append(item)
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    # After the plugin that shuffles them, hence trylast.
    items[:] = sorted(kept, key=lambda item: not item.get_closest_marker(BEFORE_OTHERS))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what a green run does not mean."""
    if left_out := terminalreporter.config.stash.get(_left_out, []):
        terminalreporter.section("not provable here")
        for line in left_out:
            terminalreporter.line(line)


@pytest.fixture(scope="session")
def stage(pytestconfig: pytest.Config) -> Stage:
    """Return the stage."""
    return pytestconfig.stash[_stage]


@pytest.fixture(scope="session")
def session() -> boto3.Session:
    """Return a session with the operator's credentials."""
    return boto3.Session()


@pytest.fixture(scope="session")
def client(stage: Stage) -> RefundClient:
    """Return a client of the stage's API."""
    return RefundClient(stage.stack)


@pytest.fixture
def made(stage: Stage, client: RefundClient, session: boto3.Session) -> Iterator[Made]:
    """Yield what asks for refunds, and removes their records when the test is over."""
    made = Made(client, session.resource("dynamodb").Table(stage.stack.table_name))
    yield made
    made.remove()


@pytest.fixture
def an_order() -> str:
    """Return an order id that no other test uses."""
    return f"E2E-{uuid4().hex}"


@pytest.fixture
def outage(
    stage: Stage, an_order: str, pytestconfig: pytest.Config
) -> Iterator[GatewayOutage]:
    """Yield an outage of the payment gateway that concerns one order only."""
    url = pytestconfig.getoption("gateway_control_url")
    if not (url or stage.has_simulated_gateway):
        pytest.fail(
            f"{stage.stack.name} calls {stage.gateway_url}: say where it can be told "
            "to hang (--gateway-control-url URL), or deploy the stage with "
            "GatewayUrl=simulated"
        )
    outage = controlled(url, an_order) if url else simulated(an_order)
    yield outage
    outage.end()
