"""What the emulator's own tests make their functions and stacks with."""

from uuid import uuid4

import boto3
import pytest

from harness.tests.integration.emulator.functions import Functions, make_role
from sam_harness.deploying.deploy import Deployer


@pytest.fixture(scope="session")
def role_arn(session: boto3.Session) -> str:
    """Return the ARN of a role that may do everything."""
    return make_role(session)


@pytest.fixture
def functions(session: boto3.Session, role_arn: str) -> Functions:
    """Return a maker of functions."""
    return Functions(session, role_arn)


@pytest.fixture
def unchecked(
    session: boto3.Session, account_id: str, monkeypatch: pytest.MonkeyPatch
) -> Deployer:
    """Return what deploys templates that cfn-lint is not asked about."""
    monkeypatch.setattr("sam_harness.deploying.deploy.check", lambda _: None)
    return Deployer(session, account_id)


@pytest.fixture
def stack_name() -> str:
    """Return a stack's name."""
    return f"stack-{uuid4().hex[:8]}"


@pytest.fixture
def table(session: boto3.Session) -> str:
    """Return an empty table of the test's own."""
    name = f"table-{uuid4().hex[:8]}"
    session.client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "PK", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return name
