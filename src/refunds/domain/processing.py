"""How a batch of refunds is decided: read all, ask the gateway, write all decisions."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING

from refunds.domain.decision import decide, reject_over_limit
from refunds.domain.model import (
    NeedsPersonError,
    OutOfTimeError,
    Refund,
    Status,
    now,
)
from refunds.domain.outcome import decided_before, failure, written
from refunds.domain.payment import FirstStep, reject_smoke_test

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from concurrent.futures import Future
    from decimal import Decimal

    from refunds.domain.decision import Approval, Decline
    from refunds.domain.model import Results
    from refunds.domain.outcome import Outcome
    from refunds.domain.payment import PaymentRule
    from refunds.domain.ports import Log, PaymentGateway

# The template's largest BatchSize, and the connections that the gateway keeps open.
MAX_THREADS = 10

# A decision waits this long for others, to be written together with them.
_GATHERING_S = 0.1

# Left for writing the decisions after the gateway's answers. Where it is not enough,
# the redelivery repairs it, so this only has to make that rare.
_WRITE_RESERVE_S = 0.75


@dataclass(frozen=True, slots=True)
class RefundProcessing:
    """Decides refunds, a batch at a time; one failure stays one failure.

    `load` returns the refunds of these ids as last written. `save` writes decisions of
    PENDING refunds, each once and for all. `limit` is for refunds that bring none.
    """

    load: Callable[[Iterable[str]], Results]
    save: Callable[[Iterable[Refund]], Results]
    gateway: PaymentGateway
    limit: Decimal
    rule: PaymentRule

    def process(
        self,
        logs: Mapping[str, Log],
        receive_counts: Mapping[str, int | None],
        remaining_s: Callable[[], float],
    ) -> dict[str, Outcome]:
        """Decide the refunds whose ids have these logs; return their outcomes.

        `receive_counts`: how often SQS has delivered each; None where it is not known.

        A repeat is safe. A refund stays PENDING, for the redelivery, if it has failed
        or the gateway does not answer in the invocation's time.
        """
        outcomes = {}
        pending = []
        for refund_id, found in self.load(logs).items():
            if isinstance(found, Exception):
                outcomes[refund_id] = failure(found, logs[refund_id])
            elif found.status is Status.PENDING:
                pending.append(found)
            else:
                outcomes[refund_id] = decided_before(found, logs[refund_id])
        for ready in self._decide(pending, receive_counts, remaining_s):
            outcomes |= self._write(ready, logs)
        return outcomes

    def _decide(
        self,
        pending: list[Refund],
        receive_counts: Mapping[str, int | None],
        remaining_s: Callable[[], float],
    ) -> Iterator[Results]:
        """Yield decided refunds, and errors in the place of others, as they get ready.

        The gateway is asked for all of them at once: one that hangs delays no other.
        """
        executor = ThreadPoolExecutor(MAX_THREADS)
        ready: Results = {}
        asked: dict[Future[Refund], str] = {}
        for refund in pending:
            stored = refund.decision_limit
            limit = self.limit if stored is None else stored
            rejection = reject_smoke_test(refund.request) or reject_over_limit(
                refund.request, limit
            )
            if rejection is not None:
                ready[refund.refund_id] = refund.decided(rejection, now())
            else:
                count = receive_counts[refund.refund_id]
                call = executor.submit(self._settle, refund, count, remaining_s)
                asked[call] = refund.refund_id
        while ready or asked:
            left_s = max(0, remaining_s() - _WRITE_RESERVE_S)
            answered, _ = wait(asked, timeout=min(_GATHERING_S, left_s))
            ready |= {asked.pop(call): _result(call) for call in answered}
            if left_s == 0:
                late = OutOfTimeError("the invocation's time is over")
                ready |= dict.fromkeys(asked.values(), late)
                asked.clear()
            if ready:
                yield ready
                ready = {}
        # A late thread is left to its own timeouts: it writes nothing any more.
        executor.shutdown(wait=False, cancel_futures=True)

    def _settle(
        self,
        refund: Refund,
        receive_count: int | None,
        remaining_s: Callable[[], float],
    ) -> Refund:
        """Return the decided refund: pay only what was certainly not paid before."""
        if refund.decision_limit is None:
            # A former release may have ordered it with another body under its key.
            receive_count = None
        step = self.rule.first_step(refund.created_at, receive_count, now())
        if step is FirstStep.WAIT_FOR_A_PERSON:
            raise NeedsPersonError("its key may be forgotten: ask the gateway by hand")
        answer: Approval | Decline | None = None
        if step is FirstStep.ASK:
            self._check_time(remaining_s)
            answer = self.gateway.look_up(refund)
        if answer is None:
            # Checked anew: a thread that was frozen meanwhile must not pay days later.
            self._check_time(remaining_s)
            answer = self.gateway.pay_back(refund)
        return refund.decided(decide(answer), now())

    def _check_time(self, remaining_s: Callable[[], float]) -> None:
        if remaining_s() < self.gateway.call_timeout_s + _WRITE_RESERVE_S:
            raise OutOfTimeError("too little time is left to call the gateway")

    def _write(self, ready: Results, logs: Mapping[str, Log]) -> dict[str, Outcome]:
        decided = [result for result in ready.values() if isinstance(result, Refund)]
        results = self.save(decided)
        return {
            refund_id: written(one, results[refund_id], logs[refund_id])
            if isinstance(one, Refund)
            else failure(one, logs[refund_id])
            for refund_id, one in ready.items()
        }


def _result(call: Future[Refund]) -> Refund | Exception:
    error = call.exception()
    if error is None:
        return call.result()
    if isinstance(error, Exception):
        return error
    raise error
