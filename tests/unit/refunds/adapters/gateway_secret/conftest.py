"""The secret as it is stored, and as the adapter sees it."""

from typing import Any

import pytest
from moto.core.models import MockAWS

from refunds.adapters import gateway_secret
from refunds.adapters.gateway_secret import GatewaySecret
from unit.refunds.adapters.gateway_secret.stored import Clock, Stored


@pytest.fixture
def stored(shared_moto: MockAWS) -> Stored:
    """Return a secret that holds OLD."""
    shared_moto.reset()
    return Stored()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Return the clock that the secret goes by."""
    clock = Clock()
    monkeypatch.setattr(gateway_secret, "time", clock)
    return clock


@pytest.fixture
def secret(stored: Stored, clock: Clock) -> GatewaySecret:
    """Return the secret as the adapter sees it."""
    del clock  # stands still
    client: Any = stored
    return GatewaySecret(client, stored.arn)
