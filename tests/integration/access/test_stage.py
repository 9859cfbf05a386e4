"""What is done on a real stage, rehearsed here as far as there is no AWS."""

import boto3
import pytest

from sam_harness.access import stage
from sam_harness.access.deployed import Deployed
from sam_harness.access.matrix import Effect, Matrix
from sam_harness.access.stack import Stack, stack_of
from sam_harness.deploying.stack import DeployedStack
from sam_harness.emulator.emulator import Emulator
from service.checkout import TEMPLATE

pytestmark = pytest.mark.needs_gate(reason="denials are real")


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
