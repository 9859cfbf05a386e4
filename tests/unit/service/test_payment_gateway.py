"""The payment gateway double, which the tests of all layers rely on."""

import threading
import time
from collections.abc import Iterator
from uuid import uuid4

import pytest
import urllib3

from sam_harness.waiting import wait_until
from service.payment_gateway import PaymentGateway
from service.payment_gateway_rules import Mode


@pytest.fixture
def gateway() -> Iterator[PaymentGateway]:
    """Run a gateway that only this test uses."""
    with PaymentGateway() as gateway:
        yield gateway


def _call(
    gateway: PaymentGateway,
    method: str,
    path: str,
    json: object = None,
    headers: dict[str, str] | None = None,
) -> urllib3.BaseHTTPResponse:
    return urllib3.request(
        method,
        gateway.url + path,
        json=json,
        headers=headers,
        retries=False,
        timeout=5,
    )


def _charge(
    gateway: PaymentGateway, order_id: str, key: str, amount: str = "1.00"
) -> tuple[int, bytes]:
    body = {"orderId": order_id, "amount": amount}
    headers = {"Content-Type": "application/json", "Idempotency-Key": key}
    answer = _call(gateway, "POST", "/refunds", body, headers)
    return answer.status, answer.data


def test_repeat_gets_the_same_answer_and_no_second_effect(
    gateway: PaymentGateway,
) -> None:
    """That is what an idempotency key is for."""
    key = str(uuid4())

    assert _charge(gateway, "o-1", key) == _charge(gateway, "o-1", key)

    [charge] = gateway.charges()
    assert (charge.attempts, charge.effects) == (2, 1)


def test_charged_order_is_not_declined_later(gateway: PaymentGateway) -> None:
    """The first effect counts."""
    first = _charge(gateway, "o-1", "k-1")
    gateway.set_mode("decline")

    assert _charge(gateway, "o-1", "k-1") == first


def test_key_of_another_refund_is_refused(gateway: PaymentGateway) -> None:
    """A client that mixes up its keys has to notice."""
    _charge(gateway, "o-1", "k-1")

    assert _charge(gateway, "o-1", "k-1", amount="2.00")[0] == 400


def test_rules_apply_to_their_prefix_only(gateway: PaymentGateway) -> None:
    """Parallel tests share one gateway; the longest prefix wins."""
    gateway.set_mode("fail", order_id_prefix="a")
    gateway.set_mode("decline", order_id_prefix="ab")

    statuses = [_charge(gateway, order, order)[0] for order in ("a-1", "ab-1", "b-1")]
    gateway.clear_mode("a")

    assert statuses == [503, 402, 200]
    assert [_charge(gateway, order, order)[0] for order in ("a-1", "ab-1")] == [
        200,
        402,
    ]


def test_controls_work_over_http(gateway: PaymentGateway) -> None:
    """People drive it with curl."""
    rule = {"mode": "decline", "orderIdPrefix": "x"}

    assert _call(gateway, "PUT", "/control/mode", json=rule).status == 200
    assert _charge(gateway, "x-1", "k-1")[0] == 402
    assert _call(gateway, "DELETE", "/control/mode?orderIdPrefix=x").status == 200
    assert _charge(gateway, "x-1", "k-1")[0] == 200
    assert _call(gateway, "GET", "/control/charges").json() == [
        {
            "idempotencyKey": "k-1",
            "orderId": "x-1",
            "amount": "1.00",
            "attempts": 2,
            "effects": 1,
        }
    ]


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"mode": "explode"},
        {"mode": "slow", "delayS": "soon"},
        {"mode": "slow", "delayS": -1},
    ],
)
def test_bad_rule_is_refused(gateway: PaymentGateway, rule: dict[str, object]) -> None:
    """A typo must not silently mean "ok"."""
    assert _call(gateway, "PUT", "/control/mode", json=rule).status == 400


def test_unknown_paths_are_404(gateway: PaymentGateway) -> None:
    """Whatever the method."""
    statuses = [
        _call(gateway, method, "/x", json={}).status
        for method in ("GET", "POST", "PUT", "DELETE")
    ]
    assert statuses == [404] * 4


def test_request_without_a_key_is_refused(gateway: PaymentGateway) -> None:
    """Nothing is charged that can't be charged only once."""
    assert _charge(gateway, "o-1", "")[0] == 400
    assert gateway.charges() == []


def test_held_request_goes_on_when_the_mode_changes(gateway: PaymentGateway) -> None:
    """A test can do something while a call is in flight."""
    gateway.set_mode("hold")
    answers: list[tuple[int, bytes]] = []
    thread = threading.Thread(
        target=lambda: answers.append(_charge(gateway, "o-1", "k-1"))
    )
    thread.start()
    _wait_for_attempt(gateway)
    assert answers == []

    gateway.clear_modes()
    thread.join(timeout=5)

    assert [status for status, _ in answers] == [200]


@pytest.mark.parametrize("mode", ["hang", "hang_after_charge", "hold", "slow"])
def test_gateway_stops_at_once_with_requests_in_flight(mode: Mode) -> None:
    """A hanging request must not hang the tests."""
    with PaymentGateway() as gateway:
        gateway.set_mode(mode, delay_s=60)
        failures: list[Exception] = []

        def charge() -> None:
            try:
                _charge(gateway, "o-1", "k-1")
            except urllib3.exceptions.HTTPError as error:
                failures.append(error)

        thread = threading.Thread(target=charge)
        thread.start()
        _wait_for_attempt(gateway)
        started = time.monotonic()
    thread.join(timeout=5)

    assert time.monotonic() - started < 1
    assert len(failures) == 1
    assert [charge.effects for charge in gateway.charges()] == [
        int(mode == "hang_after_charge")
    ]


def _wait_for_attempt(gateway: PaymentGateway) -> None:
    wait_until(
        gateway.charges,
        bool,
        what="a request that the gateway saw",
        timeout_s=5,
        poll_s=0.002,
    )
