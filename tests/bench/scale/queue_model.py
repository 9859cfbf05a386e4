"""A standard queue with redelivery: messages in cohorts, counted and never lost."""

import heapq
from dataclasses import dataclass, field
from typing import NamedTuple


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
    waiting: int = 0
    hidden: int = 0
    dead: int = 0
    _visible: list[Cohort] = field(default_factory=list)
    _hidden: list[tuple[float, Cohort]] = field(default_factory=list)

    def send(self, count: int, now_s: float) -> None:
        """Add new messages."""
        self._show(Cohort(now_s, now_s, 0, count))

    def reveal(self, now_s: float) -> None:
        """Make those visible again whose visibility timeout is over."""
        while self._hidden and self._hidden[0][0] <= now_s:
            at_s, cohort = heapq.heappop(self._hidden)
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

    def hide(self, cohort: Cohort, until_s: float) -> None:
        """Keep failed messages for their redelivery."""
        if cohort.messages:
            self.hidden += cohort.messages
            heapq.heappush(self._hidden, (until_s, cohort))

    def redrive(self, count: int, now_s: float) -> None:
        """Move dead messages back, as new ones."""
        count = min(count, self.dead)
        self.dead -= count
        self.send(count, now_s)

    def oldest_sent_s(self) -> float | None:
        """Return when the oldest message that waits or hides was sent."""
        sent = [cohort.sent_s for cohort in self._visible]
        sent += [cohort.sent_s for _, cohort in self._hidden]
        return min(sent, default=None)

    def _is_spent(self, cohort: Cohort) -> bool:
        return cohort.receives >= self.max_receive_count

    def _show(self, cohort: Cohort) -> None:
        if cohort.messages:
            self.waiting += cohort.messages
            heapq.heappush(self._visible, cohort)
