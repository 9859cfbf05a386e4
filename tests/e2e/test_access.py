"""The stage's permissions are those of the access matrix; AWS itself is asked."""

import boto3
import pytest

from sam_harness.access import matrix
from sam_harness.access import stage as on_aws
from sam_harness.access.deployed import Deployed
from sam_harness.access.matrix import Matrix
from sam_harness.access.stack import Stack, stack_of
from service.checkout import ROOT
from service.deployed import Stage

REPORT = ROOT / "reports" / "access-stage.json"


@pytest.fixture
def account_id(session: boto3.Session) -> str:
    """Return the account that the stage is in."""
    return session.client("sts").get_caller_identity()["Account"]


@pytest.fixture
def found(session: boto3.Session, account_id: str, stage: Stage) -> Stack:
    """Return the stack with the names that it really has."""
    cloudformation = session.client("cloudformation")
    return stack_of(
        cloudformation, account_id, ROOT / "template.yaml", stage.stack.name
    )


@pytest.fixture(scope="session")
def the_matrix() -> Matrix:
    """Return the reviewed matrix."""
    return matrix.load(ROOT / "tests" / "access-matrix.yaml")


@pytest.mark.aws_only(reason="LocalStack's SimulatePrincipalPolicy answers wrongly")
def test_the_simulator_agrees_with_every_line_of_the_matrix(
    session: boto3.Session, found: Stack, the_matrix: Matrix
) -> None:
    """IAM's own word on each allowance and each denial; kept for the report."""
    evidence = on_aws.simulate(session.client("iam"), found, the_matrix)
    on_aws.write(evidence, REPORT)

    assert evidence
    assert [one for one in evidence if not one.holds] == []


@pytest.mark.not_on_production(reason="it runs a probe function under each role")
def test_harmless_calls_from_inside_are_as_the_matrix_says(
    session: boto3.Session, found: Stack, the_matrix: Matrix, account_id: str
) -> None:
    """Calls that read and change nothing, made by a function with the same role."""
    deployed = Deployed(found, lambda _key: session, account_id)

    called = list(on_aws.call(session.client("lambda"), deployed, the_matrix))

    assert called
    assert [problem for _, problem in called if problem] == []
