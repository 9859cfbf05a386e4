"""A stack of its own for what is tried here: some of it changes or fills things."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

import boto3
import pytest

from integration.access.fates import Fate, table
from sam_harness.access import matrix, stack
from sam_harness.access.deployed import Call, Deployed, a_probe
from sam_harness.access.matrix import Cell, Matrix
from sam_harness.access.probe import Answer
from sam_harness.access.targets import ANOTHER
from sam_harness.deploying.deploy import Deployer
from sam_harness.deploying.stack import DeployedStack
from sam_harness.emulator.emulator import Emulator
from sam_harness.packaging.build import Artefact
from sam_harness.pytest_plugin.access import STACK_PREFIX
from sam_harness.template.names import Place
from service.checkout import ROOT, TEMPLATE

if TYPE_CHECKING:
    from types_boto3_iam import IAMClient


_TRUST = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    },
}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what became of the mutants of policies, where a run has tried any."""
    ended = [terminalreporter.getreports(how) for how in ("passed", "failed")]
    if fates := Fate.told_by(report for reports in ended for report in reports):
        terminalreporter.section("policy mutation")
        for line in table(fates):
            terminalreporter.line(line)


@pytest.fixture(scope="session")
def the_matrix() -> Matrix:
    """Return the reviewed matrix."""
    return matrix.load(ROOT / "tests" / "access-matrix.yaml")


@pytest.fixture(scope="session")
def access_stack(
    artefact: Artefact,
    session: boto3.Session,
    account_id: str,
    stack_parameters: dict[str, str],
) -> DeployedStack:
    """Return a stack of these tests alone; its name keeps it out of the statistics."""
    deployer = Deployer(session, account_id)
    name = f"{STACK_PREFIX}{uuid4().hex[:8]}"
    return deployer.deploy(artefact, name, stack_parameters)


@pytest.fixture(scope="session")
def deployed_access(
    emulator: Emulator,
    session: boto3.Session,
    account_id: str,
    access_stack: DeployedStack,
    stack_parameters: dict[str, str],
) -> Deployed:
    """Return that stack as the matrix sees it, and the decoys beside it."""
    session.client("sqs").create_queue(QueueName=ANOTHER)
    _create_table(session, ANOTHER)
    place = Place(account_id, emulator.region, "aws", access_stack.name)
    placed = stack.load(TEMPLATE, stack_parameters, place, access_stack.resources)
    return Deployed(placed, emulator.session, account_id)


@pytest.fixture(scope="session")
def answers_from_inside(
    deployed_access: Deployed, the_matrix: Matrix, session: boto3.Session
) -> Mapping[Cell, Answer]:
    """Return what a function of each role was answered to each call of the matrix."""
    answers: dict[Cell, Answer] = {}
    for role in deployed_access.stack.of_kind("AWS::IAM::Role"):
        name = role.logical_id
        if name not in deployed_access.functions:
            continue
        logging = deployed_access.functions[name].properties["LoggingConfig"]
        cells = [cell for cell in the_matrix.cells if cell.role == name]
        calls = [deployed_access.call(cell) for cell in cells]
        with a_probe(session.client("lambda"), role.arn, logging["LogGroup"]) as ask:
            answers |= dict(zip(cells, ask(calls), strict=True))
    return answers


@contextmanager
def a_role(iam: "IAMClient", *actions: str) -> Iterator[str]:
    """Yield the ARN of a role that may do these actions on everything."""
    name = f"access-{uuid4().hex[:12]}"
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(_TRUST))
    if actions:
        allow = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": allow})
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document)
    try:
        yield made["Role"]["Arn"]
    finally:
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
            iam.delete_role_policy(RoleName=name, PolicyName=policy)
        iam.delete_role(RoleName=name)


@pytest.fixture(scope="session")
def everybody(session: boto3.Session) -> Iterator[str]:
    """Yield a role that may do everything."""
    with a_role(session.client("iam"), "*") as arn:
        yield arn


@pytest.fixture(scope="session")
def nobody(session: boto3.Session) -> Iterator[str]:
    """Yield a role that may do nothing."""
    with a_role(session.client("iam")) as arn:
        yield arn


@pytest.fixture
def harmless(
    deployed_access: Deployed, session: boto3.Session, nobody: str
) -> Callable[[Call], Call]:
    """Return a call, or what would destroy its resource on one made for it."""

    def of(call: Call) -> Call:
        if not call.sample.destroys:
            return call
        name = f"doomed-{uuid4().hex[:8]}"
        queue = f"{call.arn.rpartition(':')[0]}:{name}"
        arns = {
            "sqs:DeleteQueue": queue,
            "dynamodb:DeleteTable": f"{call.arn.rpartition('/')[0]}/{name}",
            "iam:PutRolePolicy": nobody,
        }
        if call.service.name == "sqs":
            session.client("sqs").create_queue(QueueName=name)
        elif call.service.name == "dynamodb":
            _create_table(session, name)
        return deployed_access.call_on(call.action, arns[call.action])

    return of


def _create_table(session: boto3.Session, name: str) -> None:
    session.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "PK", "AttributeType": "S"}],
    )
