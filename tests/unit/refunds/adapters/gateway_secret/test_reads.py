"""The gateway's credentials: read once, and again when it is time."""

import threading
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError

from refunds.adapters import gateway_secret
from refunds.adapters.gateway_secret import GatewaySecret
from refunds.domain.model import (
    UnavailableError,
)
from sam_harness.waiting import wait_until
from unit.refunds.adapters.gateway_secret.stored import NEW, OLD, Clock, Stored


def test_secret_is_read_once_for_all_threads(
    secret: GatewaySecret, stored: Stored
) -> None:
    """A cold start with ten refunds reads it once."""
    with ThreadPoolExecutor(10) as pool:
        values = list(pool.map(lambda _: secret.value(), range(10)))

    assert values == [OLD] * 10
    assert stored.reads == 1


def test_secret_is_read_again_after_five_minutes(
    secret: GatewaySecret, stored: Stored, clock: Clock
) -> None:
    """So a rotation without a refusal is noticed as well."""
    secret.value()
    stored.holds(NEW)

    clock.now_s += 299
    before = secret.value()
    clock.now_s += 1

    assert (before, secret.value()) == (OLD, NEW)
    assert stored.reads == 2


def test_clock_that_was_put_back_reads_again(
    secret: GatewaySecret, stored: Stored, clock: Clock
) -> None:
    """It must not keep a secret for years."""
    secret.value()
    clock.now_s -= 10

    secret.value()

    assert stored.reads == 2


@pytest.mark.parametrize(
    "failure", [None, ConnectTimeoutError(endpoint_url="https://x")]
)
def test_secret_that_cannot_be_read_again_serves_on(
    secret: GatewaySecret, stored: Stored, clock: Clock, failure: Exception | None
) -> None:
    """It may still be valid; the next attempt is seconds away."""
    secret.value()
    stored.failure = failure
    stored.holds_text("not JSON")
    clock.now_s += 300

    assert [secret.value(), secret.value()] == [OLD, OLD]
    assert stored.reads == 2
    clock.now_s += 5
    stored.failure = None
    stored.holds(NEW)
    assert secret.value() == NEW


def test_first_read_that_hangs_is_an_error_in_time(
    secret: GatewaySecret, stored: Stored, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer that trickles holds the payments up, but not for ever."""
    over = stored.hangs_until = Event()
    monkeypatch.setattr(gateway_secret, "_LONGEST_READ_S", 0.01)
    with pytest.raises(UnavailableError, match="late"):
        secret.value()
    monkeypatch.setattr(gateway_secret, "_LONGEST_READ_S", 30)

    clock.now_s += 5
    assert secret.value() == OLD
    assert not over.is_set()
    over.set()


def test_secret_serves_on_while_reading_it_again_hangs(
    secret: GatewaySecret, stored: Stored, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is probably valid, and no other call waits; what comes in the end counts."""
    secret.value()
    over = stored.hangs_until = Event()
    stored.holds(NEW)
    clock.now_s += 300
    monkeypatch.setattr(gateway_secret, "_PATIENCE_S", 0.01)

    assert [secret.value(), secret.value()] == [OLD, OLD]
    assert stored.reads == 2

    over.set()
    assert wait_until(secret.value, NEW.__eq__, what="NEW", timeout_s=5) == NEW


def test_read_that_was_overtaken_does_not_count(
    secret: GatewaySecret, stored: Stored, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it brings at last is the older value."""
    over = stored.hangs_until = Event()
    monkeypatch.setattr(gateway_secret, "_LONGEST_READ_S", 0.01)
    with pytest.raises(UnavailableError):
        secret.value()
    monkeypatch.setattr(gateway_secret, "_LONGEST_READ_S", 30)
    assert stored.answered.wait(timeout=5)
    stored.holds(NEW)
    clock.now_s += 5
    assert secret.value() == NEW

    over.set()
    for thread in threading.enumerate():
        if thread.name.startswith("gateway-secret"):
            thread.join(timeout=5)

    assert secret.value() == NEW


@pytest.mark.parametrize(
    "text",
    [
        "",
        "s3cret",
        "[]",
        "{}",
        '{"authorization": 1}',
        '{"authorization": ""}',
        '{"authorization": "Bearer s3cret\\r\\nX: y"}',
        '{"authorization": "s3cr\\u00e9t"}',
        '{"authorization": " s3cret"}',
    ],
)
def test_malformed_secret_is_an_error_that_does_not_tell_it(
    secret: GatewaySecret, stored: Stored, text: str
) -> None:
    """It would be in the log: http.client repeats a header that it refuses."""
    stored.holds_text(text or " ")

    with pytest.raises(UnavailableError) as raised:
        secret.value()

    assert str(raised.value) == "the gateway's secret is unavailable: Malformed"
    assert "s3cr" not in repr(raised.value.__cause__)


@pytest.mark.usefixtures("clock")
def test_missing_secret_is_an_error_and_not_asked_for_with_every_call(
    stored: Stored,
) -> None:
    """Ten refunds of a batch would wait one after the other."""
    client: Any = stored
    absent = GatewaySecret(client, stored.arn.replace("gateway", "nothing"))

    for _ in range(3):
        with pytest.raises(UnavailableError, match="ResourceNotFoundException"):
            absent.value()

    assert stored.reads == 1
