"""How a batch of refunds is decided: read all, ask the gateway, write all decisions."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING

from refunds.domain.decision import decide, reject_over_limit
from refunds.domain.model import OutOfTimeError, Refund, Status, now
from refunds.domain.outcome import decided_before, failure, written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from concurrent.futures import Future
    from decimal import Decimal

    from refunds.domain.model import Results
    from refunds.domain.outcome import Outcome
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

    def process(
        self, logs: Mapping[str, Log], remaining_s: Callable[[], float]
    ) -> dict[str, Outcome]:
        """Decide the refunds whose ids have these logs; return their outcomes.

        A repeat is safe. A refund that has failed stays PENDING, for the redelivery;
        so does one that the gateway does not answer in the invocation's time.
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
        for ready in self._decide(pending, remaining_s):
            outcomes |= self._write(ready, logs)
        return outcomes

    def _decide(
        self, pending: list[Refund], remaining_s: Callable[[], float]
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
            rejection = reject_over_limit(refund.request, limit)
            if rejection is not None:
                ready[refund.refund_id] = refund.decided(rejection, now())
            else:
                call = executor.submit(self._ask, refund, remaining_s)
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

    def _ask(self, refund: Refund, remaining_s: Callable[[], float]) -> Refund:
        if remaining_s() < self.gateway.call_timeout_s + _WRITE_RESERVE_S:
            raise OutOfTimeError("too little time is left to call the gateway")
        return refund.decided(decide(self.gateway.pay_back(refund)), now())

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
