"""The HTTP contract, answered by the deployed stack."""

from dataclasses import replace
from uuid import uuid4

import pytest
import requests

from sam_harness.waiting import wait_until
from service.client import TIMEOUT_S, RefundClient
from service.payment_gateway import PaymentGateway
from service.telemetry import FunctionLog


@pytest.mark.parametrize(
    ("amount", "status"),
    [("999.99", "APPROVED"), ("1000", "APPROVED"), ("1000.01", "REJECTED")],
)
def test_a_refund_is_accepted_pending_and_decided_by_the_limit(
    client: RefundClient,
    gateway: PaymentGateway,
    an_order: str,
    amount: str,
    status: str,
) -> None:
    """Exactly the limit is approved; above it the gateway is not even asked."""
    answer = client.post(an_order, amount, "damaged")

    refund_id = answer.json()["refundId"]
    assert answer.status_code == 202
    assert answer.json() == {"refundId": refund_id, "status": "PENDING"}
    refund = client.wait_for_status(refund_id, status)
    assert refund["orderId"] == an_order
    assert refund["amount"] == float(amount)
    assert refund["reason"] == "damaged"
    assert refund["decisionReason"]
    charged = [charge.effects for charge in gateway.charges(an_order)]
    assert charged == ([1] if status == "APPROVED" else [])


def test_a_refund_stays_pending_while_the_gateway_thinks(
    client: RefundClient, gateway: PaymentGateway, an_order: str
) -> None:
    """What the client sees in between is PENDING, without a decision."""
    gateway.set_mode("hold", order_id_prefix=an_order)

    refund_id = client.post(an_order, "10").json()["refundId"]
    wait_until(
        lambda: gateway.charges(an_order), bool, what="the gateway's turn", timeout_s=10
    )
    seen = client.refund(refund_id)
    gateway.set_mode("ok", order_id_prefix=an_order)

    assert seen["status"] == "PENDING"
    assert "decisionReason" not in seen
    assert client.wait_for_status(refund_id, "APPROVED")["decisionReason"]


def test_the_location_leads_to_the_refund(client: RefundClient, an_order: str) -> None:
    """Location has the stage's prefix, so that it can be followed as it is."""
    answer = client.post(an_order, "10")

    followed = client.follow(answer.headers["Location"])

    assert followed.status_code == 200
    assert followed.json()["refundId"] == answer.json()["refundId"]


def test_the_refunds_of_an_order_are_listed_page_by_page(
    client: RefundClient, an_order: str
) -> None:
    """Oldest first, each on one page only, and the last page has no token."""
    ids = [client.post(an_order, f"{n}.00").json()["refundId"] for n in (1, 2, 3)]
    client.post(f"{an_order}-another", "4.00")

    first = client.get("/refunds", orderId=an_order, limit="2").json()
    second = client.get(
        "/refunds", orderId=an_order, limit="2", nextToken=first["nextToken"]
    ).json()

    assert [refund["refundId"] for refund in first["refunds"]] == ids[:2]
    assert [refund["refundId"] for refund in second["refunds"]] == ids[2:]
    assert "nextToken" not in second


@pytest.mark.parametrize("key", [None, "wrong"])
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_without_the_right_key_nothing_is_invoked(
    client: RefundClient,
    function_logs: dict[str, FunctionLog],
    an_order: str,
    method: str,
    key: str | None,
) -> None:
    """The gateway answers 403 by itself: the functions never hear of it."""
    forbidden, allowed = f"forbidden-{uuid4()}", f"allowed-{uuid4()}"
    headers = {"X-Correlation-Id": forbidden} | ({"x-api-key": key} if key else {})
    body = {"orderId": an_order, "amount": 10, "reason": "damaged"}
    url = f"{client.stack.api_url}/refunds"

    answer = requests.request(
        method,
        url,
        json=body if method == "POST" else None,
        params={"orderId": an_order} if method == "GET" else None,
        headers=headers,
        timeout=TIMEOUT_S,
    )

    assert answer.status_code == 403
    # Logs arrive in order: once a later request's are there, an earlier one's would be.
    control = requests.request(
        method,
        url,
        json=body if method == "POST" else None,
        params={"orderId": an_order} if method == "GET" else None,
        headers={"X-Correlation-Id": allowed, "x-api-key": client.stack.api_key},
        timeout=TIMEOUT_S,
    )
    assert control.ok, control.text
    log = function_logs["receiver" if method == "POST" else "reader"]
    wait_until(
        lambda: log.invocations(allowed), bool, what="the control's log", timeout_s=10
    )
    assert log.invocations(forbidden) == []


def test_a_bad_body_is_refused_with_every_bad_field(
    client: RefundClient, an_order: str
) -> None:
    """400, RFC 9457, and nothing stored."""
    bad = {"orderId": "not an id", "amount": 0, "reason": " ", "extra": an_order}

    answer = client.post_json(bad)

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    fields = {error["field"] for error in answer.json()["errors"]}
    assert fields == {"orderId", "amount", "reason", "extra"}


def test_a_key_used_for_another_request_is_refused(
    client: RefundClient, an_order: str
) -> None:
    """422, and the first refund stays as it was."""
    key = {"Idempotency-Key": str(uuid4())}
    first = client.post(an_order, "10", headers=key)

    other = client.post(an_order, "11", headers=key)

    assert first.status_code == 202
    assert other.status_code == 422
    assert other.headers["Content-Type"] == "application/problem+json"
    listed = client.get("/refunds", orderId=an_order).json()["refunds"]
    assert [refund["amount"] for refund in listed] == [10]


def test_a_repeat_with_the_same_key_is_the_same_refund(
    client: RefundClient, gateway: PaymentGateway, an_order: str
) -> None:
    """Also after the decision: the same 202, one record, one charge."""
    key = {"Idempotency-Key": str(uuid4())}
    first = client.post(an_order, "10", headers=key)
    decided = client.wait_for_status(first.json()["refundId"], "APPROVED")

    repeat = client.post(an_order, "10", headers=key)

    assert repeat.status_code == 202
    assert repeat.json() == first.json()
    assert repeat.headers["Location"] == first.headers["Location"]
    listed = client.get("/refunds", orderId=an_order).json()["refunds"]
    assert listed == [decided], "the repeat has changed the refund"
    assert [charge.effects for charge in gateway.charges(an_order)] == [1]


def test_an_unknown_refund_is_not_found(client: RefundClient) -> None:
    """404 from the service, in its own words."""
    answer = client.get(f"/refunds/{uuid4()}")

    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_an_unknown_path_is_refused_by_the_gateway(client: RefundClient) -> None:
    """API Gateway answers 403 or 404 to what the template does not define."""
    elsewhere = replace(client, stack=replace(client.stack, stage="nowhere"))

    assert client.get("/nothing").status_code in {403, 404}
    assert elsewhere.get("/refunds", orderId="x").status_code in {403, 404}
