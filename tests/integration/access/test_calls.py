"""Every line of the access matrix, as real calls of the deployed stack's roles.

A denial alone proves little: beside each, the same call of somebody who may is served,
and beside each allowance, the same call of somebody who may not is refused.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict

import boto3
import pytest

from sam_harness.access import matrix, stage
from sam_harness.access.deployed import Call, Deployed
from sam_harness.access.matrix import Cell, Effect, Matrix
from sam_harness.access.probe import Answer
from sam_harness.access.report import PROPERTY, Evidence, Layer
from sam_harness.access.stack import Stack, stack_of
from sam_harness.deploying.stack import DeployedStack
from sam_harness.emulator.emulator import Emulator
from service.checkout import ROOT, TEMPLATE

pytestmark = pytest.mark.needs_gate(reason="denials are real")

CELLS = matrix.load(ROOT / "tests" / "access-matrix.yaml").cells
# The others are a service's: no code of ours gets their credentials.
FUNCTIONS = {"ReceiverRole", "ProcessorRole", "ReaderRole", "SweeperRole"}
FROM_INSIDE = [cell for cell in CELLS if cell.role in FUNCTIONS]
DENIED = [cell for cell in CELLS if cell.effect is Effect.DENY]
ALLOWED = [cell for cell in CELLS if cell.effect is Effect.ALLOW]

type Record = Callable[[str, object], None]


def named(cell: Cell) -> str:
    """Name a test after its cell."""
    return f"{cell.role} {cell.action} {cell.resource}"


def difference(cell: Cell, call: Call, answer: Answer) -> str | None:
    """Say how an answer differs from what the matrix says of the cell."""
    problem = call.difference(cell.effect, answer)
    return f"{cell.sentence}, but {problem}: {answer}" if problem else None


@pytest.mark.parametrize("cell", CELLS, ids=named)
def test_a_role_may_do_what_the_matrix_says(
    deployed_access: Deployed, cell: Cell, record_property: Record
) -> None:
    """With the credentials of the deployed role; code, status, action and ARN."""
    call = deployed_access.call(cell)

    role = deployed_access.stack.resources[cell.role]
    answer = deployed_access.make(role.arn, call)

    problem = difference(cell, call, answer)
    evidence = Evidence.about(cell, Layer.ROLE, holds=problem is None)
    record_property(PROPERTY, asdict(evidence))
    assert problem is None, problem


@pytest.mark.parametrize("cell", FROM_INSIDE, ids=named)
def test_a_function_may_do_what_the_matrix_says_of_its_role(
    deployed_access: Deployed,
    answers_from_inside: Mapping[Cell, Answer],
    cell: Cell,
    record_property: Record,
) -> None:
    """From inside: these are the credentials that reach the code."""
    answer = answers_from_inside[cell]

    problem = difference(cell, deployed_access.call(cell), answer)
    evidence = Evidence.about(cell, Layer.FUNCTION, holds=problem is None)
    record_property(PROPERTY, asdict(evidence))
    assert problem is None, problem


@pytest.mark.parametrize("cell", DENIED, ids=named)
def test_a_denied_call_is_served_to_somebody_who_may(
    deployed_access: Deployed,
    everybody: str,
    harmless: Callable[[Call], Call],
    cell: Cell,
) -> None:
    """So it was refused for what the role lacks, and for nothing else."""
    call = harmless(deployed_access.call(cell))

    answer = deployed_access.make(everybody, call)

    assert call.why_not_served(answer) is None, answer


@pytest.mark.parametrize("cell", ALLOWED, ids=named)
def test_an_allowed_call_is_refused_to_somebody_who_may_not(
    deployed_access: Deployed, nobody: str, cell: Cell
) -> None:
    """So it was served for what the role has."""
    call = deployed_access.call(cell)

    answer = deployed_access.make(nobody, call)

    assert call.why_not_denied(answer) is None, answer


# What is done on a real stage, rehearsed as far as there is no AWS here.


@pytest.fixture
def found(
    session: boto3.Session, account_id: str, access_stack: DeployedStack
) -> Stack:
    """Return the stack as it is found by its name alone."""
    cloudformation = session.client("cloudformation")
    return stack_of(cloudformation, account_id, TEMPLATE, access_stack.name)


def test_a_stack_is_found_with_the_names_it_really_has(
    found: Stack, access_stack: DeployedStack
) -> None:
    """Also those that CloudFormation made up."""
    outputs = access_stack.outputs

    assert found.resources["RefundTable"].name == outputs["TableName"]
    assert found.resources["ReceiverRole"].arn == outputs["ReceiverRoleArn"]
    assert found.resources["RefundDLQ"].arn == outputs["DlqArn"]


def test_the_harmless_calls_of_each_role_are_as_the_matrix_says(
    found: Stack,
    the_matrix: Matrix,
    session: boto3.Session,
    emulator: Emulator,
    account_id: str,
) -> None:
    """From inside, and nothing that writes, receives or deletes among them."""
    deployed = Deployed(found, emulator.session, account_id)

    tried = list(stage.call(session.client("lambda"), deployed, the_matrix))

    assert [problem for _, problem in tried if problem] == []
    assert {one.role for one, _ in tried} == {
        role for role in the_matrix.roles if role in deployed.functions
    }
    actions = {one.action for one, _ in tried}
    assert {"dynamodb:GetItem", "dynamodb:Query", "sqs:GetQueueAttributes"} <= actions
    assert not any("Put" in action or "Receive" in action for action in actions)
    effects = {cell.effect for cell in stage.harmless(deployed, the_matrix)}
    assert effects == {Effect.ALLOW, Effect.DENY}
