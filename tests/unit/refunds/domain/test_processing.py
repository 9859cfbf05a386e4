"""A batch is decided in time, whatever one of its refunds or the gateway does."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal

import pytest

from refunds.adapters.gateway import SimulatedGateway
from refunds.domain import processing
from refunds.domain.decision import Approval, Decline
from refunds.domain.model import Decision, Refund, Status, now
from refunds.domain.outcome import Outcome, Trouble
from refunds.domain.payment import PaymentRule
from refunds.domain.ports import PaymentGateway
from refunds.domain.processing import RefundProcessing
from refunds.domain.redelivery import Prospect
from refunds.runtime.telemetry import Telemetry
from sam_harness.waiting import wait_until
from unit.refunds.builders import a_refund
from unit.refunds.cloud import Cloud
from unit.refunds.entry_points import Lines


@pytest.fixture
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let decisions wait only briefly for one that does not come."""
    monkeypatch.setattr(processing, "_GATHERING_S", 0.01)


def _process(
    cloud: Cloud,
    gateway: PaymentGateway,
    *refunds: Refund,
    remaining_s: Callable[[], float] = lambda: 30.0,
    limit: str = "1000",
) -> dict[str, Outcome]:
    log = Telemetry("test").log("request-1")
    return RefundProcessing(
        cloud.batch_store.get,
        cloud.batch_store.save_decisions,
        gateway,
        Decimal(limit),
        PaymentRule(timedelta(hours=24), can_ask=True),
    ).process(
        {refund.refund_id: log.bind(refundId=refund.refund_id) for refund in refunds},
        dict.fromkeys((refund.refund_id for refund in refunds), 1),
        remaining_s,
    )


def _status(cloud: Cloud, refund: Refund) -> Status:
    return cloud.store.get(refund.refund_id).status


@dataclass(frozen=True, slots=True)
class HangingGateway:
    """A gateway that hangs for one refund, then answers the others, until a release."""

    refund_id: str
    hangs: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)
    call_timeout_s: float = 0.0

    def look_up(self, refund: Refund) -> None:
        """Know nothing."""

    def pay_back(self, refund: Refund) -> Approval:
        """Approve, one of them after the release."""
        if refund.refund_id == self.refund_id:
            self.hangs.set()
            self.released.wait(timeout=10)
        else:
            self.hangs.wait(timeout=10)
        return Approval("charge-1")


@pytest.mark.usefixtures("_hurried")
def test_refund_that_is_late_fails_without_holding_up_the_others(
    cloud: Cloud, logged: Lines
) -> None:
    """Lambda's timeout would fail the whole batch, and bill for the waiting."""
    quick, stuck = cloud.given(a_refund()), cloud.given(a_refund())
    gateway = HangingGateway(stuck.refund_id)

    def until_the_other_is_decided() -> float:
        return 30.0 if _status(cloud, quick) is Status.PENDING else 0.0

    outcomes = _process(
        cloud, gateway, stuck, quick, remaining_s=until_the_other_is_decided
    )

    gateway.released.set()
    assert outcomes[quick.refund_id].decided
    assert outcomes[stuck.refund_id] == Outcome(
        prospect=Prospect.PASSES, trouble=Trouble.NOT_DECIDED
    )
    assert _status(cloud, stuck) is Status.PENDING
    [line] = [line for line in logged() if line["refundId"] == stuck.refund_id]
    assert "time is over" in line["cause"]


@pytest.mark.usefixtures("_hurried")
def test_outcomes_are_written_while_the_gateway_hangs_for_another(
    cloud: Cloud,
) -> None:
    """Their money has moved: a crash now should find that in the table."""
    approved, rejected, stuck = (
        cloud.given(a_refund(amount)) for amount in ("10", "1000.01", "10")
    )
    gateway = HangingGateway(stuck.refund_id)
    batch = threading.Thread(
        target=_process, args=(cloud, gateway, approved, rejected, stuck)
    )

    batch.start()

    wait_until(
        lambda: {_status(cloud, refund) for refund in (approved, rejected)},
        lambda statuses: statuses == {Status.APPROVED, Status.REJECTED},
        what="the others' outcomes",
        timeout_s=5,
    )
    assert _status(cloud, stuck) is Status.PENDING
    gateway.released.set()
    batch.join()
    assert _status(cloud, stuck) is Status.APPROVED


@dataclass(frozen=True, slots=True)
class MeetingGateway:
    """A gateway that answers once all refunds of the batch were asked for."""

    all_asked: threading.Barrier
    call_timeout_s: float = 0.0

    def look_up(self, refund: Refund) -> None:
        """Know nothing."""

    def pay_back(self, refund: Refund) -> Approval:
        """Approve, once all are there."""
        del refund
        self.all_asked.wait()
        return Approval("charge-1")


def test_every_refund_of_a_full_batch_is_asked_for_at_the_same_time(
    cloud: Cloud,
) -> None:
    """Each of the ten waits for all the others to have begun."""
    refunds = [cloud.given(a_refund()) for _ in range(10)]
    gateway = MeetingGateway(threading.Barrier(10, timeout=5))

    outcomes = _process(cloud, gateway, *refunds)

    assert [outcome.prospect for outcome in outcomes.values()] == [None] * 10


@pytest.mark.parametrize(
    ("amount", "stored", "status"),
    [
        ("10", "10", Status.APPROVED),
        ("10", "9.99", Status.REJECTED),
        ("0.01", "0", Status.REJECTED),
        ("2000", "5000", Status.APPROVED),
    ],
)
def test_processors_of_different_limits_decide_a_refund_alike(
    cloud: Cloud, amount: str, stored: str, status: Status
) -> None:
    """The limit at acceptance counts: one could pay what the other rejects."""
    limits = ("0", "1000", "9999999.99")
    refunds = [
        cloud.given(replace(a_refund(amount), decision_limit=Decimal(stored)))
        for _ in limits
    ]

    for refund, limit in zip(refunds, limits, strict=True):
        _process(cloud, SimulatedGateway(), refund, limit=limit)

    assert [_status(cloud, refund) for refund in refunds] == [status] * 3


def test_refund_without_a_limit_is_decided_by_the_processors(cloud: Cloud) -> None:
    """The release before stored none."""
    low, high = (
        cloud.given(replace(a_refund("10"), decision_limit=None)) for _ in range(2)
    )

    _process(cloud, SimulatedGateway(), low, limit="9")
    _process(cloud, SimulatedGateway(), high, limit="10")

    assert (_status(cloud, low), _status(cloud, high)) == ("REJECTED", "APPROVED")
    assert "9" in str(cloud.store.get(low.refund_id).decision_reason)


@dataclass(slots=True)
class CountingGateway:
    """A gateway that notes what it is asked, and approves."""

    calls: list[str] = field(default_factory=list)
    call_timeout_s: float = 0.0

    def look_up(self, refund: Refund) -> Approval:
        """Say that it was paid before."""
        self.calls.append("look up")
        return Approval(f"charge-{refund.refund_id}")

    def pay_back(self, refund: Refund) -> Approval:
        """Pay."""
        self.calls.append("pay back")
        return Approval(f"charge-{refund.refund_id}")


@pytest.mark.parametrize(
    ("limit", "call"), [(None, "look up"), (Decimal(1000), "pay back")]
)
def test_refund_of_a_former_release_is_looked_up_on_its_first_delivery(
    cloud: Cloud, limit: Decimal | None, call: str
) -> None:
    """That release may have ordered it with another body under the same key."""
    refund = cloud.given(replace(a_refund(), decision_limit=limit))
    gateway = CountingGateway()

    _process(cloud, gateway, refund)

    assert gateway.calls == [call]


@dataclass(frozen=True, slots=True)
class OvertakenGateway:
    """A gateway that is so slow that another delivery decides meanwhile."""

    cloud: Cloud
    decision: Decision
    call_timeout_s: float = 0.0

    def look_up(self, refund: Refund) -> None:
        """Know nothing."""

    def pay_back(self, refund: Refund) -> Decline:
        """Decline, after the other delivery has decided."""
        faster = refund.decided(self.decision, now())
        results = self.cloud.batch_store.save_decisions([faster])
        assert results == {refund.refund_id: faster}
        return Decline("card expired")


@pytest.mark.parametrize(
    ("first", "level"), [(Status.APPROVED, "ERROR"), (Status.REJECTED, "INFO")]
)
def test_decision_that_came_second_is_dropped(
    cloud: Cloud, logged: Lines, first: Status, level: str
) -> None:
    """The table keeps the first; that they disagree is for people to look at."""
    refund = cloud.given(a_refund())
    gateway = OvertakenGateway(cloud, Decision(first, "the other was faster"))

    assert _process(cloud, gateway, refund) == {refund.refund_id: Outcome()}

    assert _status(cloud, refund) is first
    [line] = logged()
    assert line["level"] == level
    assert "meanwhile" in line["message"]


@dataclass(slots=True)
class FreezingGateway:
    """A gateway whose look-up takes what was left of the invocation's time."""

    left_s: float = 30.0
    paid: bool = False
    call_timeout_s: float = 5.0

    def look_up(self, refund: Refund) -> None:
        """Know nothing, much later."""
        del refund
        self.left_s = -3600.0

    def pay_back(self, refund: Refund) -> Approval:
        """Remember that it was told to pay."""
        self.paid = True
        return Approval(f"charge-{refund.refund_id}")


def test_environment_that_is_frozen_after_the_look_up_does_not_pay(
    cloud: Cloud,
) -> None:
    """What it learned is old, and another delivery may have paid meanwhile."""
    refund = cloud.given(a_refund(created_at=now() - timedelta(days=2)))
    gateway = FreezingGateway()

    outcomes = _process(cloud, gateway, refund, remaining_s=lambda: gateway.left_s)

    assert outcomes[refund.refund_id].prospect is Prospect.PASSES
    assert not gateway.paid
    assert _status(cloud, refund) is Status.PENDING


@dataclass(frozen=True, slots=True)
class RememberingGateway:
    """A gateway that remembers what it was called for, and may take 5 s each time."""

    called: list[str] = field(default_factory=list)
    call_timeout_s: float = 5.0

    def look_up(self, refund: Refund) -> None:
        """Know nothing."""
        del refund
        self.called.append("look up")

    def pay_back(self, refund: Refund) -> Approval:
        """Approve."""
        self.called.append("pay")
        return Approval(f"charge-{refund.refund_id}")


@pytest.mark.parametrize(
    ("age", "calls"),
    [(timedelta(0), ["pay"]), (timedelta(days=2), ["look up", "pay"])],
)
@pytest.mark.parametrize(("left_s", "is_called"), [(5.75, True), (5.7, False)])
def test_gateway_is_called_only_with_time_left_for_its_answer_and_the_decision(
    cloud: Cloud, age: timedelta, calls: list[str], left_s: float, *, is_called: bool
) -> None:
    """An answer that comes too late to be written is asked for once more."""
    refund = cloud.given(a_refund(created_at=now() - age))
    gateway = RememberingGateway()

    _process(cloud, gateway, refund, remaining_s=lambda: left_s)

    assert gateway.called == (calls if is_called else [])
