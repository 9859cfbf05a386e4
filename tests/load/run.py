"""One scenario against the running service: what was sent, decided, paid and used."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any
from uuid import uuid4

import psutil

from load.observed import Observed, Sample, Sent
from load.plan import Scenario
from sam_harness.errors import HarnessError
from sam_harness.waiting import DeadlineError, wait_until
from service.queues import Queues
from service.running import Running
from service.table import stored_refunds

SAMPLE_EVERY_S = 0.5
LOCUST_MARGIN_S = 100
DECIDED_TIMEOUT_S = 90


class Load:
    """Puts one running service under load."""

    def __init__(self, service: Running, on_progress: Callable[[str], None]) -> None:
        self._session = service.emulator.session()
        self._service = service
        self._queues = Queues(self._session.client("sqs"), service.stack)
        self._emulator = psutil.Process(service.emulator.pid)
        self._command = self._emulator.cmdline()
        self._on_progress = on_progress

    def run(self, scenario: Scenario) -> Observed:
        """Send the scenario's load and watch until all of it is decided."""
        prefix = f"LOAD-{uuid4().hex[:8]}"
        samples: list[Sample] = []
        began = time.time()

        def sample(ended: Event) -> None:
            while not ended.wait(SAMPLE_EVERY_S):
                samples.append(self._sample(began))

        with (
            _beside(sample),
            _beside(lambda ended: self._outage(scenario, prefix, ended)),
        ):
            rows = self._locust(scenario, prefix)
            emulator_bytes = self._sample(began).emulator_bytes
            self._on_progress(f"{len(rows)} sent: waiting until all are decided")
            self._await_decided(prefix)
        samples.append(self._sample(began))
        first = min((row["due"] for row in rows), default=began)
        records = self._stored(prefix)
        return Observed(
            scenario,
            tuple(
                Sent(
                    row["due"] - first,
                    row["took_s"],
                    row["status"],
                    row["refund_id"],
                    tuple(row["refused"]),
                    row.get("repeat"),
                )
                for row in rows
            ),
            {one["refundId"]: _seconds(one["createdAt"]) - first for one in records},
            {
                one["refundId"]: _seconds(one["updatedAt"]) - first
                for one in records
                if one["status"] != "PENDING"
            },
            self._service.gateway.payments(prefix),
            tuple(samples),
            emulator_bytes,
        )

    def _locust(self, scenario: Scenario, prefix: str) -> list[dict[str, Any]]:
        with tempfile.TemporaryDirectory() as folder:
            answers = Path(folder) / "answers.jsonl"
            order = {
                "arrivals": scenario.arrivals(),
                "prefix": prefix,
                "answers": str(answers),
            }
            done = subprocess.run(
                [
                    sys.executable, "-m", "locust",
                    f"--locustfile={Path(__file__).with_name('arrivals.py')}",
                    "--headless", "--users=1", "--only-summary", "--loglevel=WARNING",
                    f"--host={self._service.stack.api_url}",
                ],
                env={
                    **os.environ,
                    "LOAD_ORDER": json.dumps(order),
                    # Not on the command line, which everybody on the machine may read.
                    "API_KEY": self._service.stack.api_key,
                },
                capture_output=True, text=True, check=False,
                timeout=scenario.duration_s + LOCUST_MARGIN_S,
            )  # fmt: skip
            if not answers.exists():
                raise HarnessError(f"Locust sent nothing:\n{done.stdout}{done.stderr}")
            lines = answers.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    def _outage(self, scenario: Scenario, prefix: str, ended: Event) -> None:
        """Let the payment gateway fail between the two moments of the plan."""
        if scenario.outage_s is None:
            return
        begins_s, ends_s = scenario.outage_s
        ended.wait(begins_s)
        self._service.gateway.set_mode("fail", order_id_prefix=prefix)
        self._on_progress("the payment gateway fails")
        ended.wait(ends_s - begins_s)
        self._service.gateway.clear_mode(prefix)
        self._on_progress("the payment gateway is well again")

    def _await_decided(self, prefix: str) -> None:
        """Redrive what dies, until nothing is PENDING or the time is up."""

        def pending() -> int:
            if self._queues.dlq_depth():
                self._queues.redrive()
            return sum(one["status"] == "PENDING" for one in self._stored(prefix))

        with suppress(DeadlineError):  # the verdict names what is missing
            wait_until(
                lambda: (pending(), self._queues.depth()),
                lambda left: left == (0, 0),
                what="all refunds to be decided and the queue to be empty",
                timeout_s=DECIDED_TIMEOUT_S,
                poll_s=1.0,
            )

    def _stored(self, prefix: str) -> list[dict[str, Any]]:
        return stored_refunds(self._session, self._service.stack, prefix)

    def _sample(self, began: float) -> Sample:
        sizes = [self._emulator.memory_info().rss]
        for child in self._emulator.children(recursive=True):
            # One that has just been forked is not yet the function that it will be.
            with suppress(psutil.NoSuchProcess):
                if child.cmdline() != self._command:
                    sizes.append(child.memory_info().rss)
        emulator = max(sizes)
        sizes.remove(emulator)
        return Sample(
            time.time() - began,
            self._queues.depth(),
            self._queues.dlq_depth(),
            emulator,
            max(sizes, default=0),
        )


def _seconds(iso: str) -> float:
    return datetime.fromisoformat(iso).timestamp()


@contextmanager
def _beside(act: Callable[[Event], None]) -> Iterator[None]:
    """Act on another thread, which is told when the block ends."""
    ended = Event()
    thread = Thread(target=act, args=(ended,), name="beside the load", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
