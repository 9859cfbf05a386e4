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
    gateway: PaymentGateway, order_id: str, key: str, **changes: str
) -> tuple[int, bytes]:
    body = {"orderId": order_id, "amount": "1.00", "currency": "EUR"} | changes
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


@pytest.mark.parametrize(
    "change", [{"amount": "2.00"}, {"currency": "JPY"}, {"reason": "late"}]
)
def test_key_of_another_refund_is_refused(
    gateway: PaymentGateway, change: dict[str, str]
) -> None:
    """A client that mixes up its keys has to notice."""
    _charge(gateway, "o-1", "k-1")

    assert _charge(gateway, "o-1", "k-1", **change)[0] == 400


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
            "refundId": "k-1",
            "orderId": "x-1",
            "amount": "1.00",
            "attempts": 2,
            "lookUps": 0,
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


def _look_up(gateway: PaymentGateway, refund_id: str) -> tuple[int, object]:
    answer = _call(gateway, "GET", f"/refunds/{refund_id}")
    return answer.status, answer.json().get("status")


def test_forgotten_key_is_a_second_payment_and_counted_as_one(
    gateway: PaymentGateway,
) -> None:
    """That is what a real gateway does after a day."""
    _charge(gateway, "o-1", "k-1")
    _charge(gateway, "o-2", "k-2")

    assert _call(gateway, "DELETE", "/control/keys?orderIdPrefix=o-1").status == 200
    _charge(gateway, "o-1", "k-1")
    _charge(gateway, "o-2", "k-2")

    assert gateway.payments() == {"k-1": 2, "k-2": 1}


def test_keys_are_forgotten_after_a_time(gateway: PaymentGateway) -> None:
    """From their first use."""
    _charge(gateway, "o-1", "k-1")
    assert _call(gateway, "PUT", "/control/keys", {"lifetimeS": 60}).status == 200
    _charge(gateway, "o-1", "k-1")
    assert gateway.payments() == {"k-1": 1}

    gateway.forget_keys_after(0)
    _charge(gateway, "o-1", "k-1")

    assert gateway.payments() == {"k-1": 2}


def test_look_up_tells_what_became_of_a_refund(gateway: PaymentGateway) -> None:
    """404 for one that was never seen, and for one that was never taken."""
    gateway.set_mode("fail", order_id_prefix="failed")
    _charge(gateway, "failed", "k-1")
    gateway.clear_modes()
    _charge(gateway, "paid", "k-2")

    seen = [_look_up(gateway, key)[0] for key in ("k-0", "k-1")]

    assert seen == [404, 404]
    assert _look_up(gateway, "k-2") == (200, "succeeded")
    assert [charge.look_ups for charge in gateway.charges()] == [1, 1]


def test_look_up_shares_an_outage(gateway: PaymentGateway) -> None:
    """A gateway that is down tells nothing, not even that it has never seen one."""
    _charge(gateway, "o-1", "k-1")
    gateway.set_mode("fail")

    seen = [_call(gateway, "GET", f"/refunds/{key}").status for key in ("k-0", "k-1")]
    assert seen == [503, 503]


def test_pending_is_answered_so_many_times(gateway: PaymentGateway) -> None:
    """The order counts as a payment from the beginning."""
    rule = {"mode": "pending", "times": 2}
    assert _call(gateway, "PUT", "/control/mode", rule).status == 200

    first = _charge(gateway, "o-1", "k-1")
    second = _look_up(gateway, "k-1")

    assert first[0] == 202
    assert second == (200, "pending")
    assert gateway.payments() == {"k-1": 1}
    assert _look_up(gateway, "k-1") == (200, "succeeded")
    assert gateway.payments() == {"k-1": 1}


def test_pending_may_last_for_ever(gateway: PaymentGateway) -> None:
    """As long as the rule does."""
    gateway.set_mode("pending")
    _charge(gateway, "o-1", "k-1")

    assert {_look_up(gateway, "k-1") for _ in range(9)} == {(200, "pending")}
    gateway.clear_modes()
    assert _look_up(gateway, "k-1") == (200, "succeeded")
    assert gateway.payments() == {"k-1": 1}


def test_pending_payment_is_ordered_twice_once_its_key_is_forgotten(
    gateway: PaymentGateway,
) -> None:
    """Both will be paid."""
    gateway.set_mode("pending")
    _charge(gateway, "o-1", "k-1")
    gateway.forget_keys()

    _charge(gateway, "o-1", "k-1")

    assert gateway.payments() == {"k-1": 2}


def test_saved_500_is_replayed_until_the_key_is_forgotten(
    gateway: PaymentGateway,
) -> None:
    """Only a look-up tells that the refund is paid."""
    gateway.set_mode("save_500")
    assert _charge(gateway, "o-1", "k-1")[0] == 500
    gateway.clear_modes()

    assert _charge(gateway, "o-1", "k-1")[0] == 500
    assert _look_up(gateway, "k-1") == (200, "succeeded")
    assert gateway.payments() == {"k-1": 1}
    gateway.forget_keys()
    assert _charge(gateway, "o-1", "k-1")[0] == 200
    assert gateway.payments() == {"k-1": 2}


def test_credentials_are_demanded_and_rotate(gateway: PaymentGateway) -> None:
    """A refused request counts as none."""
    _charge(gateway, "o-1", "k-1")
    new = {"authorization": "Bearer new"}
    assert _call(gateway, "PUT", "/control/credentials", new).status == 200

    assert _charge(gateway, "o-1", "k-1")[0] == 401
    assert _call(gateway, "GET", "/refunds/k-1").status == 401
    allowed = {"Authorization": "Bearer new"}
    assert _call(gateway, "GET", "/refunds/k-1", headers=allowed).status == 200
    assert _call(gateway, "DELETE", "/control/credentials").status == 200
    assert _charge(gateway, "o-1", "k-1")[0] == 200
    assert [charge.attempts for charge in gateway.charges()] == [2]


def test_empty_answer_pays_nothing(gateway: PaymentGateway) -> None:
    """As from a web server that is no gateway."""
    gateway.set_mode("empty")

    assert _charge(gateway, "o-1", "k-1") == (200, b"")
    assert gateway.payments() == {"k-1": 0}


def _wait_for_attempt(gateway: PaymentGateway) -> None:
    wait_until(
        gateway.charges,
        bool,
        what="a request that the gateway saw",
        timeout_s=5,
        poll_s=0.002,
    )
