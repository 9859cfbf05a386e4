"""The HTTP contract of a deployed stage."""

from uuid import uuid4

import pytest
import requests

from e2e.made import Made
from sam_harness.waiting import wait_until
from service.client import TIMEOUT_S, RefundClient
from service.deployed import Stage

# Above every limit that the template allows a sensible stage to have, so that it is
# decided without the payment gateway: on production no money moves.
TOO_MUCH = "9999999.99"


@pytest.mark.not_on_production(reason="an approved refund moves real money")
def test_a_small_refund_is_accepted_and_approved(made: Made, an_order: str) -> None:
    """POST, 202 PENDING, GET until APPROVED."""
    answer = made.post(an_order, "49.90")

    assert answer.status_code == 202, answer.text
    assert answer.json()["status"] == "PENDING"
    assert made.wait_until_final(answer.json()["refundId"]) == "APPROVED"


def test_a_refund_above_the_limit_is_accepted_and_rejected(
    made: Made, client: RefundClient, an_order: str
) -> None:
    """POST, 202, and the Location leads to REJECTED with a reason."""
    answer = made.post(an_order, TOO_MUCH)

    assert answer.status_code == 202, answer.text
    assert made.wait_until_final(answer.json()["refundId"]) == "REJECTED"
    shown = client.follow(answer.headers["Location"])
    assert shown.status_code == 200, shown.text
    assert shown.json()["orderId"] == an_order
    assert shown.json()["decisionReason"]


@pytest.mark.parametrize("headers", [{}, {"x-api-key": "wrong"}], ids=["none", "wrong"])
def test_without_a_right_key_the_answer_is_403(
    stage: Stage, headers: dict[str, str], an_order: str
) -> None:
    """API Gateway refuses: no function is invoked, nothing is stored."""
    answer = requests.post(
        f"{stage.stack.api_url}/refunds",
        json={"orderId": an_order, "amount": 1, "reason": "e2e test"},
        headers=headers,
        timeout=TIMEOUT_S,
    )

    assert answer.status_code == 403, answer.text


def test_an_invalid_body_is_answered_400_naming_every_bad_field(
    client: RefundClient,
) -> None:
    """One problem document, all that is wrong."""
    answer = client.post_json({"orderId": "", "amount": "ten", "reason": " "})

    assert answer.status_code == 400, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    named = {error["field"] for error in answer.json()["errors"]}
    assert named == {"orderId", "amount", "reason"}


def test_a_repeat_with_the_same_idempotency_key_makes_no_second_refund(
    made: Made, client: RefundClient, an_order: str
) -> None:
    """The same 202 and refundId; the order has one refund."""
    key = {"Idempotency-Key": f"e2e-{uuid4()}"}

    first = made.post(an_order, TOO_MUCH, key)
    repeat = made.post(an_order, TOO_MUCH, key)

    assert (first.status_code, repeat.status_code) == (202, 202)
    assert repeat.json() == first.json()
    # The index that lists an order's refunds follows the table a moment later.
    listed = wait_until(
        lambda: client.get("/refunds", orderId=an_order).json()["refunds"],
        bool,
        what="the order's refunds",
        timeout_s=20,
    )
    assert [one["refundId"] for one in listed] == [first.json()["refundId"]]


def test_an_idempotency_key_used_for_another_body_is_refused(
    made: Made, an_order: str
) -> None:
    """422: the key belongs to the first request."""
    key = {"Idempotency-Key": f"e2e-{uuid4()}"}
    made.post(an_order, TOO_MUCH, key).raise_for_status()

    answer = made.post(an_order, "9999999.98", key)

    assert answer.status_code == 422, answer.text
