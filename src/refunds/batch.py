"""Processes the refunds of one batch side by side; one failure stays one failure."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING

from refunds.model import GatewayFailureError, RefundError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from refunds.model import Refund
    from refunds.queue import RefundMessage
    from refunds.telemetry import BoundLog

    type Process = Callable[[str, Callable[[], float], BoundLog], Refund | None]

# The template's largest BatchSize, and the connections that the clients keep open.
MAX_THREADS = 10

# Left for answering Lambda, so that one slow record does not fail the whole batch.
_ANSWER_RESERVE_S = 0.2


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one refund; `decided` only if this batch decided it."""

    decided: Refund | None = None
    failed: bool = False
    gateway_failed: bool = False


def process_side_by_side(
    messages: Iterable[RefundMessage],
    process: Process,
    remaining_s: Callable[[], float],
    log: BoundLog,
) -> dict[str, Outcome]:
    """Process each message's refund; return the outcomes by refundId.

    A refund that is not decided in the invocation's time has failed.
    """
    executor = ThreadPoolExecutor(MAX_THREADS)
    logs = {message.refund_id: _bound(log, message) for message in messages}
    futures = {
        refund_id: executor.submit(_guarded, refund_id, process, remaining_s, log)
        for refund_id, log in logs.items()
    }
    _, late = wait(futures.values(), timeout=max(0, remaining_s() - _ANSWER_RESERVE_S))
    # A late thread is left to its own timeouts; what it still writes is conditional.
    executor.shutdown(wait=False, cancel_futures=True)
    outcomes = {}
    for refund_id, future in futures.items():
        if future in late:
            logs[refund_id].failure(
                "refund not decided", "the invocation's time is over"
            )
            outcomes[refund_id] = Outcome(failed=True)
        else:
            outcomes[refund_id] = future.result()
    return outcomes


def _bound(log: BoundLog, message: RefundMessage) -> BoundLog:
    """Lead from the lines about a refund to the request that asked for it."""
    return log.bind(
        refundId=message.refund_id,
        correlation_id=message.correlation_id,
        # Behind a queue the trace of the invocation is another one.
        request_trace_id=message.trace_id,
    )


def _guarded(
    refund_id: str,
    process: Process,
    remaining_s: Callable[[], float],
    log: BoundLog,
) -> Outcome:
    """Process one refund; whatever goes wrong, the other refunds go on."""
    try:
        return Outcome(decided=process(refund_id, remaining_s, log))
    except GatewayFailureError as error:
        log.failure("gateway failed", error)
        return Outcome(failed=True, gateway_failed=True)
    except RefundError as error:
        log.failure("refund not decided", error)
        return Outcome(failed=True)
    except Exception as error:  # noqa: BLE001 - the record boundary: it fails alone
        log.unexpected("refund not decided", error)
        return Outcome(failed=True)
