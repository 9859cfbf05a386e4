"""The role of the functions that the emulator's own tests make."""

import boto3
import pytest

from harness.tests.integration.emulator.functions import Functions, make_role


@pytest.fixture(scope="session")
def role_arn(session: boto3.Session) -> str:
    """Return the ARN of a role that may do everything."""
    return make_role(session)


@pytest.fixture
def functions(session: boto3.Session, role_arn: str) -> Functions:
    """Return a maker of functions."""
    return Functions(session, role_arn)
