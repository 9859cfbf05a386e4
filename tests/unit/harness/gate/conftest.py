"""IAM and the other services by moto: what the gate reads, without LocalStack."""

from typing import Any

import boto3
import pytest

from harness.localstack_plugin.gate.knowledge import Knowledge


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
