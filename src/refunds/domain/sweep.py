"""Which undecided refunds are late, and which of them are sent again.

A message can be lost: purged, deleted by SQS when it is too old, left in the DLQ. The
refund's record stays PENDING, and so can be found.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from random import sample
from typing import TYPE_CHECKING

from refunds.domain.model import Status, UnavailableError, iso, now
from refunds.domain.payment import LOOK_UP_IS_RIGHT, FirstStep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime, timedelta

    from refunds.domain.payment import PaymentRule
    from refunds.domain.ports import Log

# Each time after twice as long as before: with an hour, 1, 3, 7, 15 and 31 hours after
# it was accepted. What is undecided then needs a person.
MOST_RESENDS = 5

# Of one sweep: what was lost in thousands comes back as a stream, not as a flood.
_MOST_AT_ONCE = 1000

# A call that hangs ends within 5 s.
_RESERVE_S = 6


@dataclass(frozen=True, slots=True)
class Undecided:
    """A refund as the index of undecided ones has it.

    A status that is final is left over from a release that does not know the index.
    """

    refund_id: str
    correlation_id: str
    created_at: datetime
    made_with_key: bool
    status: Status = Status.PENDING
    resends: int = 0
    resent_at: datetime | None = None


class Hindrance(StrEnum):
    """Why an undecided refund is not sent again by itself, in words."""

    NO_KEY = "made without an Idempotency-Key: its client may have asked for another"
    TOO_OLD = "older than 14 days: the gateway's look-up is not to be trusted"
    NEEDS_PERSON = "its key may be forgotten, and the gateway has no look-up"
    SENT_OFTEN = f"sent again {MOST_RESENDS} times already"


@dataclass(frozen=True, slots=True)
class ResendRule:
    """When an undecided refund is late, and whether it may be sent again.

    That a client was told 202 is not stored: it would be a write per refund. A refund
    that was made with a key may be sent again all the same, since the client who was
    told 503 repeats with that key, which sends it, too. Without a key the client asks
    for another refund, and both would be paid.
    """

    overdue_after: timedelta
    payment: PaymentRule

    def is_overdue(self, created_at: datetime, at: datetime) -> bool:
        """Tell whether a refund should be decided by now."""
        return at - created_at >= self.overdue_after

    def hindrance(self, refund: Undecided, at: datetime) -> Hindrance | None:
        """Return why the refund must not be sent again without a person, if so."""
        if not refund.made_with_key:
            return Hindrance.NO_KEY
        if refund.resends >= MOST_RESENDS:
            return Hindrance.SENT_OFTEN
        return self.lasting_hindrance(refund, at)

    def lasting_hindrance(self, refund: Undecided, at: datetime) -> Hindrance | None:
        """Return why the refund must not be sent again by a person either, if so."""
        if at - refund.created_at > LOOK_UP_IS_RIGHT:
            return Hindrance.TOO_OLD
        step = self.payment.first_step(refund.created_at, None, at)
        if step is FirstStep.WAIT_FOR_A_PERSON:
            return Hindrance.NEEDS_PERSON
        return None

    def is_due(self, refund: Undecided, at: datetime) -> bool:
        """Tell whether it has waited long enough since it was sent last."""
        sent_at = refund.resent_at or refund.created_at
        return at - sent_at >= self.overdue_after * (1 << refund.resends)


@dataclass(slots=True)
class Swept:
    """What a sweep found; `overdue` is the least there is if it ran out of time."""

    oldest_s: float
    overdue: int = 0
    resent: int = 0
    waiting: Counter[Hindrance] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Sweep:
    """Measures what is undecided, and sends again what may be.

    `pages` yields the undecided refunds of each partition, oldest first, page by page.
    `claim` counts one more resend; False: it was decided or claimed meanwhile. `forget`
    takes a decided refund out of the index.
    """

    pages: Callable[[], list[Iterator[list[Undecided]]]]
    claim: Callable[[Undecided, datetime], bool]
    forget: Callable[[Undecided], None]
    send: Callable[[Undecided], None]
    rule: ResendRule

    def run(self, log: Log, remaining_s: Callable[[], float]) -> Swept:
        """Sweep once; a repeat, also at the same time, sends nothing more.

        What time, table or queue do not allow for is left to the next sweep.

        Raises:
            UnavailableError: nothing was measured.
        """
        at = now()
        partitions = self.pages()
        # Of all partitions, before anything takes time: the measure is the point.
        first = [next(pages, []) for pages in partitions]
        swept = Swept(_oldest_s(first, at))
        # At random, so that none is always the one that time does not suffice for.
        try:
            for number in sample(range(len(first)), len(first)):
                for refund in self._overdue(first[number], partitions[number], at):
                    if remaining_s() < _RESERVE_S:
                        return swept
                    self._care_for(refund, swept, at, log)
        except UnavailableError as error:
            log.failure("sweep ended early", error)
        return swept

    def _overdue(
        self, page: list[Undecided], more: Iterator[list[Undecided]], at: datetime
    ) -> Iterator[Undecided]:
        """Yield refunds of a partition, which is by age, as far as they are late."""
        while page:
            for refund in page:
                if not self.rule.is_overdue(refund.created_at, at):
                    return
                yield refund
            page = next(more, [])

    def _care_for(
        self, refund: Undecided, swept: Swept, at: datetime, log: Log
    ) -> None:
        if refund.status is not Status.PENDING:
            self.forget(refund)
            return
        swept.overdue += 1
        hindrance = self.rule.hindrance(refund, at)
        if hindrance is not None:
            swept.waiting[hindrance] += 1
        elif (
            self.rule.is_due(refund, at)
            and swept.resent < _MOST_AT_ONCE
            # Counted first: a crash in between costs an attempt, and never adds one.
            and self.claim(refund, at)
        ):
            self.send(refund)
            swept.resent += 1
            log.info(
                "undecided refund sent again",
                refundId=refund.refund_id,
                correlation_id=refund.correlation_id,
                resends=refund.resends + 1,
                createdAt=iso(refund.created_at),
            )


def _oldest_s(pages: Iterable[list[Undecided]], at: datetime) -> float:
    """Return the age of the oldest undecided refund; 0 where there is none."""
    created = (
        refund.created_at
        for page in pages
        for refund in page
        if refund.status is Status.PENDING
    )
    return max(0.0, (at - min(created, default=at)).total_seconds())
