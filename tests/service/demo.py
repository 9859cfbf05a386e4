"""``make demo``: the life of five refunds, one of them through the DLQ and back."""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from sam_harness.waiting import wait_until
from service.client import RefundClient
from service.console import Progress, run_command
from service.running import Running, running

DECLINED_ORDERS = "DEMO-DECLINE-"


@dataclass(frozen=True, slots=True)
class Story:
    """A refund and how it should end."""

    title: str
    order_id: str
    amount: str
    ending: str


@dataclass(frozen=True, slots=True)
class Told:
    """A story as it really went."""

    story: Story
    status: str
    reason: str
    accepted_s: float
    decided_s: float

    @property
    def as_it_should(self) -> bool:
        """Whether it ended as it should."""
        return self.status == self.story.ending


STORIES = (
    Story("a small refund", "DEMO-1", "49.90", "APPROVED"),
    Story("exactly the limit", "DEMO-2", "1000", "APPROVED"),
    Story("a cent above the limit", "DEMO-3", "1000.01", "REJECTED"),
    Story("declined by the gateway", f"{DECLINED_ORDERS}4", "20.00", "REJECTED"),
)
OUTAGE = Story("outage, DLQ, redrive", "DEMO-OUTAGE-5", "75.00", "APPROVED")


def main(argv: Sequence[str]) -> int:
    """Tell the stories; returns 0 when every refund ended as it should."""
    argparse.ArgumentParser(
        prog="make demo",
        description="Boots LocalStack without Docker, deploys the refund service and "
        "shows refunds being accepted, decided, parked in the DLQ and redriven.",
    ).parse_args(argv)
    console = Console()
    with (
        Progress(console) as progress,
        running("refunds-demo", on_progress=progress.step) as service,
    ):
        narrator = Narrator(service, progress)
        told = [narrator.tell(story) for story in STORIES]
        told.append(narrator.tell_of_the_outage(OUTAGE))
        progress.step("stopping")
    console.print(_table(told))
    good = sum(one.as_it_should for one in told)
    console.print(
        f"{good} of {len(told)} refunds ended as they should, "
        f"{progress.elapsed_s:.1f} s in all",
        style="green" if good == len(told) else "red",
    )
    return 0 if good == len(told) else 1


class Narrator:
    """Sends the refunds of the stories and watches them."""

    def __init__(self, service: Running, progress: Progress) -> None:
        self._gateway = service.gateway
        self._stack = service.stack
        self._client = RefundClient(service.stack)
        self._sqs = service.emulator.session().client("sqs")
        self._step = progress.step
        self._gateway.set_mode("decline", order_id_prefix=DECLINED_ORDERS)

    def tell(self, story: Story) -> Told:
        """Accept the refund and wait for its decision."""
        began = time.monotonic()
        refund_id = self._accept(story)
        return self._ending(story, refund_id, began, time.monotonic() - began)

    def tell_of_the_outage(self, story: Story) -> Told:
        """Let the refund fail into the DLQ, end the outage, redrive it."""
        self._gateway.set_mode("hang", order_id_prefix=story.order_id)
        self._step("the payment gateway stops answering")
        began = time.monotonic()
        refund_id = self._accept(story)
        accepted_s = time.monotonic() - began
        wait_until(
            self._dlq_depth, bool, what="the message to reach the DLQ", timeout_s=40
        )
        status = self._client.refund(refund_id)["status"]
        self._step(f"every attempt failed: message in the DLQ, refund still {status}")
        self._gateway.set_mode("ok", order_id_prefix=story.order_id)
        self._step("the outage ends: redriving the DLQ")
        self._sqs.start_message_move_task(SourceArn=self._stack.dlq_arn)
        return self._ending(story, refund_id, began, accepted_s)

    def _accept(self, story: Story) -> str:
        answer = self._client.post(story.order_id, story.amount)
        answer.raise_for_status()
        refund_id: str = answer.json()["refundId"]
        self._step(f"{story.amount}, {story.title}: 202 PENDING as {refund_id}")
        return refund_id

    def _ending(
        self, story: Story, refund_id: str, began: float, accepted_s: float
    ) -> Told:
        refund = self._client.wait_until_decided(refund_id)
        decided_s = time.monotonic() - began
        self._step(f"{story.amount}, {story.title}: {refund['status']}")
        reason = refund.get("decisionReason") or ""
        return Told(story, refund["status"], reason, accepted_s, decided_s)

    def _dlq_depth(self) -> int:
        answer = self._sqs.get_queue_attributes(
            QueueUrl=self._stack.dlq_url,
            AttributeNames=["ApproximateNumberOfMessages"],
        )
        return int(answer["Attributes"]["ApproximateNumberOfMessages"])


def _table(told: Sequence[Told]) -> Table:
    table = Table(title="Refunds")
    for heading in ("story", "amount", "status", "accepted", "decided", "reason"):
        table.add_column(heading, justify="right" if heading == "amount" else "left")
    for one in told:
        table.add_row(
            one.story.title,
            one.story.amount,
            f"[{'green' if one.as_it_should else 'red'}]{one.status}",
            f"{one.accepted_s * 1000:.0f} ms",
            f"{one.decided_s:.1f} s",
            one.reason,
        )
    return table


if __name__ == "__main__":
    sys.exit(run_command(main))
