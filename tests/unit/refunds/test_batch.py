"""A batch answers in time, whatever one of its refunds does."""

import threading
from collections.abc import Callable

import pytest

from refunds.batch import process_side_by_side
from refunds.model import Refund
from refunds.queue import RefundMessage
from refunds.telemetry import BoundLog, Telemetry
from unit.refunds.builders import a_refund
from unit.refunds.functions import Lines


def _message(refund: Refund) -> RefundMessage:
    return RefundMessage("message-1", refund.refund_id, refund.correlation_id)


@pytest.mark.usefixtures("cloud")
def test_refund_that_is_late_fails_without_holding_up_the_others(
    logged: Lines,
) -> None:
    """Lambda's timeout would fail the whole batch, and bill for the waiting."""
    quick, stuck = a_refund(), a_refund()
    released = threading.Event()

    def process(
        refund_id: str, remaining_s: Callable[[], float], log: BoundLog
    ) -> Refund | None:
        del remaining_s, log
        if refund_id == stuck.refund_id:
            released.wait(timeout=10)
        return quick

    outcomes = process_side_by_side(
        [_message(stuck), _message(quick)],
        process,
        lambda: 0.7,
        Telemetry("test").log("request-1"),
    )
    released.set()

    assert outcomes[quick.refund_id].decided == quick
    assert outcomes[stuck.refund_id].failed
    [line] = logged()
    assert line["refundId"] == stuck.refund_id
    assert "time is over" in line["cause"]


@pytest.mark.usefixtures("cloud")
def test_every_refund_of_a_full_batch_runs_at_the_same_time() -> None:
    """Each of the ten waits for all the others to have begun."""
    refunds = [a_refund() for _ in range(10)]
    all_running = threading.Barrier(10, timeout=5)

    def process(
        refund_id: str, remaining_s: Callable[[], float], log: BoundLog
    ) -> Refund | None:
        del refund_id, remaining_s, log
        all_running.wait()
        return None

    outcomes = process_side_by_side(
        map(_message, refunds), process, lambda: 30.0, Telemetry("test").log("r-1")
    )

    assert [outcome.failed for outcome in outcomes.values()] == [False] * 10
