"""A mapping's poller looks into its queue before it asks for messages.

LocalStack asks every mapping's queue for messages several times a second, and each time
costs it several milliseconds, gate included. And it asks no more for about a second
once a queue that held messages is empty. AWS's pollers wait for messages:
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
"""

import time

from localstack.services.lambda_.event_source_mapping.pollers.poller import (
    EmptyPollResultsException,
)
from localstack.services.lambda_.event_source_mapping.pollers.sqs_poller import (
    SqsPoller,
)
from localstack.services.sqs.models import StandardQueue, sqs_stores

# An empty queue is asked all the same: a mapping that may not is to say so.
ASK_EVERY_S = 1.0


def install() -> None:
    """Have it look first."""

    def poll_events(self: SqsPoller) -> None:
        queue = _standard_queue(self.source_arn)
        if queue is None:
            original(self)
            return
        now = time.monotonic()
        if queue.visible.empty() and now < vars(self).get("_ask_at", 0):
            return
        self._ask_at = now + ASK_EVERY_S
        try:
            original(self)
        except EmptyPollResultsException:
            return  # LocalStack would back off

    original = SqsPoller.poll_events
    SqsPoller.poll_events = poll_events


def _standard_queue(arn: str) -> StandardQueue | None:
    """Return a queue as LocalStack keeps it; None: it is FIFO, or not there."""
    region, account, name = arn.split(":")[3:]
    queue = sqs_stores[account][region].queues.get(name)
    return queue if isinstance(queue, StandardQueue) else None
