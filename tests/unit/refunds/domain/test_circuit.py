"""The gateway is left alone while it is out, and called again as soon as it is back."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from refunds.domain.circuit import CircuitBreaker, GuardedGateway
from refunds.domain.decision import Approval
from refunds.domain.model import (
    GatewayFailureError,
    GatewayOutError,
    OutOfTimeError,
    PaymentPendingError,
    Refund,
    RefundError,
)
from unit.refunds.builders import a_refund

PAUSE_S = 10.0
OPENED_BY = 5
OUT = GatewayOutError("status 503")


@dataclass(slots=True)
class Clock:
    """A clock that is put forward by hand."""

    now_s: float = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now_s


@dataclass(slots=True)
class ScriptedGateway:
    """A gateway that fails as it is told, and counts its calls."""

    fails: RefundError | None = None
    calls: int = 0
    call_timeout_s: float = 5.0

    def look_up(self, refund: Refund) -> Approval | None:
        """Know nothing."""
        self._called()
        del refund
        return None

    def pay_back(self, refund: Refund) -> Approval:
        """Approve."""
        self._called()
        return Approval(f"charge-{refund.refund_id}")

    def _called(self) -> None:
        self.calls += 1
        if self.fails is not None:
            raise self.fails


@dataclass(slots=True)
class Scene:
    """A gateway behind its breakers."""

    gateway: ScriptedGateway = field(default_factory=ScriptedGateway)
    clock: Clock = field(default_factory=Clock)
    guarded: GuardedGateway = field(init=False)

    def __post_init__(self) -> None:
        self.guarded = GuardedGateway(
            self.gateway,
            asking=CircuitBreaker(PAUSE_S, self.clock),
            paying=CircuitBreaker(PAUSE_S, self.clock),
        )

    def try_to_pay(self, times: int = 1, *, with_error: RefundError | None) -> int:
        """Pay so many refunds; return how many of them the gateway was called for."""
        before = self.gateway.calls
        self.gateway.fails = with_error
        for _ in range(times):
            try:
                self.guarded.pay_back(a_refund())
            except RefundError:
                assert with_error or self.gateway.calls == before
        return self.gateway.calls - before


@pytest.fixture
def scene() -> Scene:
    """Return a gateway that is well so far."""
    return Scene()


def test_gateway_in_health_is_called_for_every_refund(scene: Scene) -> None:
    """And the answer is handed on, as is the call's timeout."""
    assert scene.try_to_pay(20, with_error=None) == 20
    refund = a_refund()

    assert scene.guarded.pay_back(refund) == Approval(f"charge-{refund.refund_id}")
    assert scene.guarded.look_up(refund) is None
    assert scene.guarded.call_timeout_s == scene.gateway.call_timeout_s


def test_gateway_is_left_alone_after_five_failures_in_a_row(scene: Scene) -> None:
    """The refunds after that fail at once, and say why."""
    assert scene.try_to_pay(20, with_error=OUT) == OPENED_BY

    with pytest.raises(GatewayFailureError, match=r"not called, .*: status 503"):
        scene.guarded.pay_back(a_refund())


def test_gateway_that_tells_and_does_not_pay_is_still_asked_only(scene: Scene) -> None:
    """What it tells of a refund is no sign that it pays again."""
    scene.try_to_pay(OPENED_BY, with_error=OUT)

    for _ in range(10):
        scene.gateway.fails = None
        assert scene.guarded.look_up(a_refund()) is None
        assert scene.try_to_pay(with_error=OUT) == 0


def test_gateway_that_pays_and_does_not_tell_still_pays(scene: Scene) -> None:
    """It is asked once a pause."""
    scene.gateway.fails = OUT
    for _ in range(20):
        with pytest.raises(GatewayFailureError):
            scene.guarded.look_up(a_refund())
    assert scene.gateway.calls == OPENED_BY

    assert scene.try_to_pay(5, with_error=None) == 5


def test_stray_errors_between_answers_are_no_outage(scene: Scene) -> None:
    """Four of five calls may fail."""
    for _ in range(10):
        assert scene.try_to_pay(OPENED_BY - 1, with_error=OUT) == OPENED_BY - 1
        assert scene.try_to_pay(with_error=None) == 1


@pytest.mark.parametrize(
    "error",
    [
        GatewayFailureError("status 400"),
        PaymentPendingError("the gateway is not done"),
        OutOfTimeError("too late"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_failure_of_a_refunds_own_is_no_outage(
    scene: Scene, error: RefundError
) -> None:
    """It says nothing about the other refunds."""
    assert scene.try_to_pay(20, with_error=error) == 20


@pytest.mark.parametrize(
    "error",
    [GatewayFailureError("status 400"), PaymentPendingError("the gateway is not done")],
    ids=lambda error: type(error).__name__,
)
def test_any_answer_of_the_gateway_says_that_it_is_back(
    scene: Scene, error: RefundError
) -> None:
    """Also one that does not settle the refund."""
    scene.try_to_pay(OPENED_BY, with_error=OUT)
    scene.clock.now_s += PAUSE_S

    scene.try_to_pay(with_error=error)

    assert scene.try_to_pay(5, with_error=None) == 5


def test_one_call_after_each_pause_tries_whether_the_gateway_is_back(
    scene: Scene,
) -> None:
    """An hour's outage is as many calls as it has pauses."""
    scene.try_to_pay(OPENED_BY, with_error=OUT)

    calls = 0
    for _ in range(3600):
        scene.clock.now_s += 1
        calls += scene.try_to_pay(10, with_error=OUT)

    assert calls == 3600 / PAUSE_S


def test_one_answer_ends_the_pause_for_all(scene: Scene) -> None:
    """The first refund that is paid is the sign."""
    scene.try_to_pay(OPENED_BY, with_error=OUT)
    scene.clock.now_s += PAUSE_S

    assert scene.try_to_pay(20, with_error=None) == 20


def test_call_of_which_nothing_is_heard_is_followed_by_another_one() -> None:
    """An environment that is frozen in its only try must not stay shut."""
    clock = Clock()
    breaker = CircuitBreaker(PAUSE_S, clock)
    for _ in range(OPENED_BY):
        breaker.failed("status 503")
    clock.now_s += PAUSE_S

    assert [breaker.lets_call() for _ in range(3)] == [True, False, False]

    clock.now_s += PAUSE_S
    assert breaker.lets_call()


def test_clock_that_is_put_back_keeps_the_gateway_from_nothing() -> None:
    """Else nothing would be paid until it has caught up."""
    clock = Clock()
    breaker = CircuitBreaker(PAUSE_S, clock)
    for _ in range(OPENED_BY):
        breaker.failed("status 503")

    clock.now_s -= 3600

    assert breaker.lets_call()


def test_without_a_pause_the_gateway_is_always_called() -> None:
    """GatewayPauseSeconds=0 turns it off."""
    breaker = CircuitBreaker(0, Clock())
    for _ in range(20):
        breaker.failed("status 503")

    assert [breaker.lets_call() for _ in range(3)] == [True] * 3


def test_threads_that_ask_at_once_make_one_call() -> None:
    """A batch of ten tries once, not ten times."""
    clock = Clock()
    breaker = CircuitBreaker(PAUSE_S, clock)
    for _ in range(OPENED_BY):
        breaker.failed("status 503")
    clock.now_s += PAUSE_S

    with ThreadPoolExecutor(10) as pool:
        asked = [pool.submit(breaker.lets_call) for _ in range(100)]

    assert sum(one.result() for one in asked) == 1
