"""One payment per refund, and APPROVED only for what the gateway has paid by name.

The deployed stack against a gateway that waits, forgets and answers nonsense.
"""

from datetime import UTC, datetime, timedelta

import boto3

from sam_harness.waiting import wait_until
from service.client import RefundClient
from service.payment_gateway import PaymentGateway
from service.queues import DeadLetters, Queues, a_message_for
from service.telemetry import FunctionLog

# Three receives, 2 s apart, and as much again for a slow machine.
DEAD_TIMEOUT_S = 20.0


def test_pending_payment_is_approved_once_when_it_is_done(
    client: RefundClient,
    gateway: PaymentGateway,
    function_logs: dict[str, FunctionLog],
    an_order: str,
) -> None:
    """202 pending is no approval: the redelivery asks, and orders nothing again."""
    gateway.set_mode("pending", order_id_prefix=an_order, times=1)
    refund_id = client.post(an_order, "10").json()["refundId"]

    client.wait_for_status(refund_id, "APPROVED")

    [charge] = gateway.charges(an_order)
    assert (charge.attempts, charge.look_ups, charge.effects) == (1, 1, 1)
    log = function_logs["processor"].wait_for_lines(
        refundId=refund_id, message="refund decided"
    )
    assert len(log) == 1
    assert function_logs["processor"].lines(
        refundId=refund_id, message="payment is pending"
    )


def test_empty_answer_is_no_approval(
    client: RefundClient, gateway: PaymentGateway, an_order: str
) -> None:
    """Any web server answers 200; the refund waits for one that names an outcome."""
    gateway.set_mode("empty", order_id_prefix=an_order)
    refund_id = client.post(an_order, "10").json()["refundId"]
    wait_until(
        lambda: [charge.calls for charge in gateway.charges(an_order)],
        lambda calls: calls >= [2],
        what="the second delivery",
        timeout_s=10,
    )

    assert client.refund(refund_id)["status"] == "PENDING"

    gateway.set_mode("ok", order_id_prefix=an_order)
    client.wait_for_status(refund_id, "APPROVED")
    assert gateway.payments(an_order) == {refund_id: 1}


def test_redrive_after_the_key_was_forgotten_pays_nothing_more(
    client: RefundClient,
    gateway: PaymentGateway,
    queues: Queues,
    session: boto3.Session,
    an_order: str,
) -> None:
    """Paid, unanswered, dead, and redriven days later: the look-up tells."""
    gateway.set_mode("hang_after_charge", order_id_prefix=an_order)
    refund_id = client.post(an_order, "10").json()["refundId"]
    wait_until(
        lambda: gateway.payments(an_order),
        lambda payments: payments == {refund_id: 1},
        what="the payment",
        timeout_s=10,
    )
    gateway.set_mode("hang", order_id_prefix=an_order)
    message = a_message_for(refund_id)
    dead = DeadLetters(queues).await_bodies([message], DEAD_TIMEOUT_S)
    assert message in dead
    before = gateway.charges(an_order)[0]

    _age(session, client.stack.table_name, refund_id, timedelta(days=2))
    gateway.forget_keys(an_order)
    gateway.set_mode("ok", order_id_prefix=an_order)
    queues.redrive()

    refund = client.wait_for_status(refund_id, "APPROVED")
    [charge] = gateway.charges(an_order)
    assert (charge.attempts, charge.look_ups) == (before.attempts, before.look_ups + 1)
    assert gateway.payments(an_order) == {refund_id: 1}
    assert refund["currency"] == "EUR"


def _age(session: boto3.Session, table: str, refund_id: str, age: timedelta) -> None:
    """Let a refund be as old as if it had waited in the DLQ for so long."""
    at = (datetime.now(UTC) - age).isoformat(timespec="milliseconds")
    session.client("dynamodb").update_item(
        TableName=table,
        Key={"PK": {"S": f"REFUND#{refund_id}"}, "SK": {"S": "REFUND"}},
        UpdateExpression="SET createdAt = :at",
        ExpressionAttributeValues={":at": {"S": at.replace("+00:00", "Z")}},
    )
