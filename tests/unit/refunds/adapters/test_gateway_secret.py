"""The gateway's credentials: read once, again when it is time, and never told."""

import json
import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError
from moto.core.models import MockAWS

from refunds.adapters import gateway_secret
from refunds.adapters.aws import secrets_client
from refunds.adapters.gateway_secret import GatewaySecret
from refunds.domain.decision import Approval
from refunds.domain.model import (
    GatewayFailureError,
    OutOfTimeError,
    UnavailableError,
)
from sam_harness.waiting import wait_until
from service.payment_gateway import PaymentGateway
from unit.refunds.builders import a_refund
from unit.refunds.order_gateway import an_adapter

OLD, NEW = "Bearer s3cret-old", "Bearer s3cret-new"


class Stored:
    """The secret in Secrets Manager, and how often it was read."""

    def __init__(self) -> None:
        self._client: Any = secrets_client()
        self.arn = self._client.create_secret(Name="gateway", SecretString="{}")["ARN"]
        self.reads = 0
        self.failure: Exception | None = None
        self.hangs_until: Event | None = None
        self.answered = Event()
        self.holds(OLD)

    def holds(self, authorization: object) -> None:
        """Rotate the secret."""
        self.holds_text(json.dumps({"authorization": authorization, "user": "x"}))

    def holds_text(self, text: str) -> None:
        """Store what is no secret of ours."""
        self._client.put_secret_value(SecretId=self.arn, SecretString=text)

    def get_secret_value(self, *, SecretId: str) -> object:  # noqa: N803 - AWS's
        """Count, then ask moto, unless the service fails."""
        self.reads += 1
        hangs_until, self.hangs_until = self.hangs_until, None
        if self.failure:
            raise self.failure
        answer: object = self._client.get_secret_value(SecretId=SecretId)
        if hangs_until:
            self.answered.set()
            hangs_until.wait()
        return answer


class Clock:
    """The wall clock, which a test can put forward."""

    def __init__(self) -> None:
        self.now_s = 1_000_000.0

    def time(self) -> float:
        """Return the time."""
        return self.now_s


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


@pytest.fixture
def demanding() -> Iterator[PaymentGateway]:
    """Run a gateway that demands OLD."""
    with PaymentGateway() as gateway:
        gateway.demand(OLD)
        yield gateway


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


def test_rotation_is_noticed_by_the_refusal(
    secret: GatewaySecret, stored: Stored, clock: Clock, demanding: PaymentGateway
) -> None:
    """The refund that meets it is paid, once, within the same delivery."""
    adapter = an_adapter(demanding.url, credentials=secret)
    first, second = a_refund(), a_refund()
    assert isinstance(adapter.pay_back(first), Approval)
    clock.now_s += 2
    stored.holds(NEW)
    demanding.demand(NEW)

    assert isinstance(adapter.pay_back(second), Approval)
    assert isinstance(adapter.look_up(first), Approval)

    assert demanding.payments() == {first.refund_id: 1, second.refund_id: 1}
    assert stored.reads == 2


def test_secret_that_stays_refused_is_a_failure(
    secret: GatewaySecret, stored: Stored, clock: Clock, demanding: PaymentGateway
) -> None:
    """Read again, but not with every call, and the call is not repeated."""
    demanding.demand("another")
    adapter = an_adapter(demanding.url, credentials=secret)
    secret.value()
    clock.now_s += 2

    for _ in range(3):
        with pytest.raises(GatewayFailureError, match="status 401"):
            adapter.pay_back(a_refund())

    assert stored.reads == 2


def test_threads_that_are_refused_together_read_once(
    secret: GatewaySecret, stored: Stored, clock: Clock
) -> None:
    """The first of them has the new one for all."""
    secret.value()
    clock.now_s += 2
    stored.holds(NEW)

    with ThreadPoolExecutor(10) as pool:
        values = list(pool.map(lambda _: secret.after_refusal_of(OLD), range(10)))

    assert values == [NEW] * 10
    assert stored.reads == 2


def test_call_is_not_made_once_its_time_is_over(
    secret: GatewaySecret, demanding: PaymentGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An environment that is frozen while it reads the secret must not pay later."""
    adapter = an_adapter(demanding.url, credentials=secret)
    monkeypatch.setattr(adapter, "call_timeout_s", -1.0)

    with pytest.raises(OutOfTimeError, match="too long"):
        adapter.pay_back(a_refund())

    assert demanding.charges() == []


def test_no_log_line_has_the_secret(
    stored: Stored, demanding: PaymentGateway, capfd: pytest.CaptureFixture[str]
) -> None:
    """Not even with every library's debug lines."""
    client: Any = stored
    adapter = an_adapter(demanding.url, credentials=GatewaySecret(client, stored.arn))
    handler = logging.StreamHandler()
    urllib3 = logging.getLogger("urllib3")
    urllib3.addHandler(handler)
    urllib3.setLevel(logging.DEBUG)
    try:
        adapter.pay_back(a_refund())
        demanding.demand("another")
        with pytest.raises(GatewayFailureError) as raised:
            adapter.pay_back(a_refund())
    finally:
        urllib3.removeHandler(handler)
        urllib3.setLevel(logging.NOTSET)

    out, err = capfd.readouterr()
    assert "POST" in err  # what is looked at was written
    assert "s3cret" not in out + err + repr(raised.value)
