"""The queue: messages that wait, that hide until their next try, that are dead."""

import heapq
from collections import defaultdict
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from refunds.domain.redelivery import Prospect, RedeliveryRule

# A cohort that fails comes back in so many parts: the rule leaves half to chance.
_PARTS = 4
# SQS leaves messages that it has delivered so often out of the oldest one's age.
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
_UNCOUNTED_FROM = 3


class Cohort(NamedTuple):
    """Messages that were sent in the same step and received equally often."""

    order: float
    sent_s: float
    receives: int
    messages: int


@dataclass(slots=True)
class QueueModel:
    """Visible and hidden messages, and what ended in the dead-letter queue.

    SQS promises no order. ``oldest_first`` delivers a redelivered message before
    younger ones, as LocalStack does; otherwise it goes to the back of the queue.
    """

    max_receive_count: int
    oldest_first: bool
    redelivery: RedeliveryRule
    chance: Random
    waiting: int = 0
    hidden: int = 0
    dead: int = 0
    _visible: list[Cohort] = field(default_factory=list)
    # When -> how often received -> those that come back then, as one cohort.
    _hidden: defaultdict[float, dict[int, Cohort]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    _times: list[float] = field(default_factory=list)

    def send(self, count: int, now_s: float) -> None:
        """Add new messages."""
        self._show(Cohort(now_s, now_s, 0, count))

    def reveal(self, now_s: float) -> None:
        """Make those visible again whose wait is over."""
        while self._times and self._times[0] <= now_s:
            at_s = heapq.heappop(self._times)
            for cohort in self._hidden.pop(at_s).values():
                self.hidden -= cohort.messages
                order = cohort.sent_s if self.oldest_first else at_s
                self._show(cohort._replace(order=order))

    def receive(self, count: int) -> list[Cohort]:
        """Take up to ``count`` messages; those received too often die instead."""
        taken = []
        while self._visible and (count > 0 or self._is_spent(self._visible[0])):
            cohort = heapq.heappop(self._visible)
            if self._is_spent(cohort):
                self.waiting -= cohort.messages
                self.dead += cohort.messages
                continue
            part = min(count, cohort.messages)
            count -= part
            self.waiting -= part
            taken.append(cohort._replace(receives=cohort.receives + 1, messages=part))
            if part < cohort.messages:
                heapq.heappush(
                    self._visible, cohort._replace(messages=cohort.messages - part)
                )
        return taken

    def fail(self, cohort: Cohort, now_s: float) -> None:
        """Hide failed messages until their next try, as the service's own rule says."""
        left = cohort.messages
        for part in range(min(left, _PARTS), 0, -1):
            chance = (part - self.chance.random()) / _PARTS
            wait_s = self.redelivery.wait_s(Prospect.PASSES, cohort.receives, chance)
            messages = -(-left // part)
            left -= messages
            self._hide(cohort._replace(messages=messages), now_s + wait_s)

    def redrive(self, count: int, now_s: float) -> None:
        """Move dead messages back, as new ones."""
        count = min(count, self.dead)
        self.dead -= count
        self.send(count, now_s)

    def oldest_sent_s(self) -> float | None:
        """Return when the oldest message was sent, of those that SQS counts."""
        hidden = (one for at_s in self._hidden.values() for one in at_s.values())
        counted = [
            cohort.sent_s
            for cohorts in (self._visible, hidden)
            for cohort in cohorts
            if cohort.receives < _UNCOUNTED_FROM
        ]
        return min(counted, default=None)

    def _hide(self, cohort: Cohort, until_s: float) -> None:
        self.hidden += cohort.messages
        if until_s not in self._hidden:
            heapq.heappush(self._times, until_s)
        others = self._hidden[until_s]
        if before := others.get(cohort.receives):
            cohort = cohort._replace(
                messages=cohort.messages + before.messages,
                sent_s=min(cohort.sent_s, before.sent_s),
            )
        others[cohort.receives] = cohort

    def _is_spent(self, cohort: Cohort) -> bool:
        return cohort.receives >= self.max_receive_count

    def _show(self, cohort: Cohort) -> None:
        if cohort.messages:
            self.waiting += cohort.messages
            heapq.heappush(self._visible, cohort)


def split(cohorts: list[Cohort], messages: int) -> tuple[list[Cohort], list[Cohort]]:
    """Return the first so many messages, and the others."""
    first, rest = [], []
    for cohort in cohorts:
        part = min(messages, cohort.messages)
        messages -= part
        if part:
            first.append(cohort._replace(messages=part))
        if part < cohort.messages:
            rest.append(cohort._replace(messages=cohort.messages - part))
    return first, rest
