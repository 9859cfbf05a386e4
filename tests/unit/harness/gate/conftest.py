"""IAM and the other services by moto: what the gate reads, without LocalStack."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from harness.localstack_plugin.gate.knowledge import Knowledge


@pytest.fixture(autouse=True)
def aws() -> Iterator[None]:
    """Answer every call by moto."""
    with mock_aws():
        yield


def clients(service: str, _account: str, region: str) -> Any:  # noqa: ANN401 - boto3's
    """Make a client of moto's only account."""
    return boto3.client(service, region_name=region or "us-east-1")  # type: ignore[call-overload] # any service


@pytest.fixture
def knowledge() -> Knowledge:
    """Return what the gate knows, read from moto."""
    return Knowledge(clients)
