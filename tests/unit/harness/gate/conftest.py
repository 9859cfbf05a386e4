"""IAM and the other services by moto: what the gate reads, without LocalStack."""

from typing import Any

import boto3
import pytest

from harness.localstack_plugin.gate.gate import Gate
from harness.localstack_plugin.gate.knowledge import Knowledge
from harness.localstack_plugin.gate.record import Record
from unit.harness.gate.callers import TRUST, Client, assume, document


@pytest.fixture(autouse=True)
def aws(empty_aws: None) -> None:
    """Answer every call by moto."""


def clients(service: str, _account: str, region: str) -> Any:  # noqa: ANN401 - boto3's
    """Make a client of moto's only account."""
    return boto3.client(service, region_name=region or "us-east-1")  # type: ignore[call-overload] # any service


@pytest.fixture
def knowledge() -> Knowledge:
    """Return what the gate knows, read from moto."""
    return Knowledge(clients)


@pytest.fixture
def iam() -> Client:
    """Return IAM's client; the role is there, without permissions."""
    iam = boto3.client("iam", region_name="us-east-1")
    iam.create_role(RoleName="worker", AssumeRolePolicyDocument=document(TRUST))
    return iam


@pytest.fixture
def gate(knowledge: Knowledge) -> Gate:
    """Return a gate that has seen the role being assumed, as the session of KEY."""
    gate = Gate(knowledge, Record())
    assume(gate)
    return gate
