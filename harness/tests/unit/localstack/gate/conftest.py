"""IAM and the other services by moto: what the gate reads, without LocalStack."""

import pytest

from harness.tests.unit.localstack.gate.callers import (
    ACCOUNT,
    TRUST,
    Client,
    assume,
    clients,
    document,
)
from sam_harness.localstack.gate.gate import Gate
from sam_harness.localstack.gate.knowledge import Knowledge
from sam_harness.localstack.gate.record import Record


@pytest.fixture(autouse=True)
def aws(empty_aws: None) -> None:
    """Answer every call by moto."""


@pytest.fixture
def knowledge() -> Knowledge:
    """Return what the gate knows, read from moto."""
    return Knowledge(clients)


@pytest.fixture
def iam() -> Client:
    """Return IAM's client; the role is there, without permissions."""
    iam = clients("iam", ACCOUNT, "us-east-1")
    iam.create_role(RoleName="worker", AssumeRolePolicyDocument=document(TRUST))
    return iam


@pytest.fixture
def gate(knowledge: Knowledge) -> Gate:
    """Return a gate that has seen the role being assumed, as the session of KEY."""
    gate = Gate(knowledge, Record())
    assume(gate)
    return gate
