"""The smoke test's look past the queue, at a stack that works."""

import boto3

from service.client import RefundClient
from service.deployed import RefundService
from service.functions import paused
from service.queues import Queues
from service.smoke import BACKLOG, fault


def test_a_release_behind_a_backlog_is_well(
    session: boto3.Session,
    stack: RefundService,
    client: RefundClient,
    queues: Queues,
) -> None:
    """Its refund is decided although the queue does not bring it."""
    functions, sqs = session.client("lambda"), session.client("sqs")
    with paused(functions, stack.functions["processor"].live):
        refund_id = client.post("SMOKE-backlog", "9999999").json()["refundId"]
        short = fault(functions, sqs, stack, refund_id)
        decided = client.refund(refund_id)["status"]
        for _ in range(BACKLOG // 10):
            queues.send(*["waits"] * 10)
        long = fault(functions, sqs, stack, refund_id)
        queues.empty()

    assert decided == "REJECTED"
    assert "is the mapping enabled?" in short
    assert long == ""
