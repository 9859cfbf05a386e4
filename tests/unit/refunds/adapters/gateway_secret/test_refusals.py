"""The gateway's credentials as its calls use them: refused, read anew, never told."""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from refunds.adapters.gateway_secret import GatewaySecret
from refunds.domain.decision import Approval
from refunds.domain.model import (
    GatewayFailureError,
    OutOfTimeError,
)
from service.payment_gateway import PaymentGateway
from unit.refunds.adapters.gateway_secret.stored import NEW, OLD, Clock, Stored
from unit.refunds.builders import a_refund
from unit.refunds.order_gateway import an_adapter


@pytest.fixture
def demanding() -> Iterator[PaymentGateway]:
    """Run a gateway that demands OLD."""
    with PaymentGateway() as gateway:
        gateway.demand(OLD)
        yield gateway


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
