"""Roles and functions for the tests of the IAM gate."""

import boto3
import pytest

from harness.tests.integration.gate.resources import Resources
from harness.tests.integration.gate.roles import Role, Roles
from sam_harness.emulator.emulator import Emulator


@pytest.fixture(scope="session")
def roles(session: boto3.Session, emulator: Emulator, account_id: str) -> Roles:
    """Return a maker of roles."""
    return Roles(session, emulator.session, account_id)


@pytest.fixture
def role(roles: Roles) -> Role:
    """Return a role without permissions."""
    return roles.make()


@pytest.fixture(scope="session")
def resources(session: boto3.Session, account_id: str) -> Resources:
    """Return a maker of tables, queues, topics, buckets, log groups."""
    return Resources(session, account_id)
