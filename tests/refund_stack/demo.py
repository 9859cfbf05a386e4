"""``make demo``: the life of five refunds, one of them through the DLQ and back."""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from harness.polling import wait_until
from refund_stack.client import RefundClient
from refund_stack.console import Progress, run_command
from refund_stack.running import Running, running


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one refund of the story ended."""

    story: str
    amount: str
    expected: str
    status: str
    accepted_s: float
    decided_s: float
    reason: str


STORIES = (
    ("a small refund", "DEMO-1", "49.90", "APPROVED"),
    ("exactly the limit", "DEMO-2", "1000", "APPROVED"),
    ("a cent above the limit", "DEMO-3", "1000.01", "REJECTED"),
    ("declined by the gateway", "DEMO-DECLINE-4", "20.00", "REJECTED"),
)
OUTAGE_ORDER = "DEMO-OUTAGE-5"


def main(argv: Sequence[str]) -> int:
    """Tell the story; returns 0 when every refund ended as it should."""
    argparse.ArgumentParser(
        prog="make demo",
        description="Boots LocalStack without Docker, deploys the refund service and "
        "shows refunds being accepted, decided, parked in the DLQ and redriven.",
    ).parse_args(argv)
    console = Console()
    began = time.monotonic()
    with (
        Progress(console) as progress,
        running(name="refunds-demo", on_progress=progress.step) as service,
    ):
        service.gateway.set_mode("decline", order_id_prefix="DEMO-DECLINE-")
        client = RefundClient(service.stack)
        outcomes = [_decided(client, progress, *story) for story in STORIES]
        outcomes.append(_outage(service, client, progress))
        progress.step("stopping")
    console.print(_table(outcomes))
    wrong = [outcome for outcome in outcomes if outcome.status != outcome.expected]
    console.print(
        f"[{'red' if wrong else 'green'}]{len(outcomes) - len(wrong)} of "
        f"{len(outcomes)} refunds ended as they should, "
        f"{time.monotonic() - began:.1f} s in all."
    )
    return 1 if wrong else 0


def _accept(
    client: RefundClient, order_id: str, amount: str, progress: Progress
) -> tuple[str, float]:
    started = time.monotonic()
    answer = client.post(order_id, amount)
    answer.raise_for_status()
    took_s = time.monotonic() - started
    refund_id: str = answer.json()["refundId"]
    progress.step(f"{amount} for {order_id}: 202, PENDING as {refund_id}")
    return refund_id, took_s


def _decided(
    client: RefundClient,
    progress: Progress,
    story: str,
    order_id: str,
    amount: str,
    expected: str,
) -> Outcome:
    refund_id, accepted_s = _accept(client, order_id, amount, progress)
    return _await(client, progress, refund_id, story, amount, expected, accepted_s)


def _await(  # noqa: PLR0913 - one row of the table each
    client: RefundClient,
    progress: Progress,
    refund_id: str,
    story: str,
    amount: str,
    expected: str,
    accepted_s: float,
) -> Outcome:
    started = time.monotonic()
    refund = wait_until(
        lambda: client.refund(refund_id),
        lambda seen: bool(seen["status"] != "PENDING"),
        what=f"refund {refund_id} to be decided",
        timeout_s=30,
    )
    took_s = accepted_s + time.monotonic() - started
    reason = refund.get("decisionReason", "")
    progress.step(f"{amount}: {refund['status']}")
    return Outcome(
        story, amount, expected, refund["status"], accepted_s, took_s, reason
    )


def _outage(service: Running, client: RefundClient, progress: Progress) -> Outcome:
    """Fail a refund into the DLQ, end the outage, redrive it."""
    session = service.emulator.session()
    sqs = session.client("sqs")
    service.gateway.set_mode("hang", order_id_prefix=OUTAGE_ORDER)
    progress.step("the payment gateway stops answering")
    began = time.monotonic()
    refund_id, accepted_s = _accept(client, OUTAGE_ORDER, "75.00", progress)

    def waiting() -> int:
        depth = "ApproximateNumberOfMessages"
        answer = sqs.get_queue_attributes(
            QueueUrl=service.stack.dlq_url, AttributeNames=[depth]
        )
        return int(answer["Attributes"][depth])

    wait_until(waiting, bool, what="the message to reach the DLQ", timeout_s=40)
    status = client.refund(refund_id)["status"]
    progress.step(f"3 attempts failed: message in the DLQ, refund still {status}")
    service.gateway.clear_modes()
    service.gateway.set_mode("decline", order_id_prefix="DEMO-DECLINE-")
    sqs.start_message_move_task(SourceArn=service.stack.dlq_arn)
    progress.step("the outage ends: redriving the DLQ")
    outcome = _await(
        client, progress, refund_id, "outage, DLQ, redrive", "75.00", "APPROVED",
        accepted_s,
    )  # fmt: skip
    total_s = time.monotonic() - began
    return Outcome(
        outcome.story, outcome.amount, outcome.expected, outcome.status,
        outcome.accepted_s, total_s, outcome.reason,
    )  # fmt: skip


def _table(outcomes: Sequence[Outcome]) -> Table:
    table = Table(title="Refunds")
    for heading in ("story", "amount", "status", "accepted", "decided", "reason"):
        table.add_column(heading, justify="right" if heading == "amount" else "left")
    for row in outcomes:
        good = row.status == row.expected
        table.add_row(
            row.story,
            row.amount,
            f"[{'green' if good else 'red'}]{row.status}",
            f"{row.accepted_s * 1000:.0f} ms",
            f"{row.decided_s:.1f} s",
            row.reason,
        )
    return table


if __name__ == "__main__":
    sys.exit(run_command(main))
