"""The whole protocol, in any order that Hypothesis thinks of; the promise holds.

Real: how refunds are accepted, decided and paid, with their adapters. A failure is
shrunk to the shortest story, told by the names of the rules.
"""

import os
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import pytest
import urllib3
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from hypothesis.strategies import booleans, sampled_from

from refunds.adapters import batch_store, gateway, gateway_secret
from refunds.adapters.batch_store import BatchStore
from refunds.adapters.gateway import HttpGateway
from refunds.adapters.gateway_secret import GatewaySecret
from refunds.adapters.queue import RefundQueue
from refunds.adapters.store import RefundStore
from refunds.domain import model
from refunds.domain.acceptance import accept, new_refund
from refunds.domain.circuit import CircuitBreaker, GuardedGateway
from refunds.domain.model import (
    IdempotencyConflictError,
    RefundRequest,
    Submission,
    UnavailableError,
)
from refunds.domain.payment import Currency, PaymentRule
from refunds.domain.processing import RefundProcessing
from unit.protocol.fakes import (
    RETENTION,
    TABLE,
    Calls,
    Clock,
    Crash,
    FakeDynamoDb,
    FakeGateway,
    FakeSecretsManager,
    FakeSqs,
    Message,
    Trouble,
)

# More, for longer: `tox -e faults -- --long` sets it.
EXAMPLES = int(os.environ.get("PROTOCOL_EXAMPLES", "150"))
STEPS = 20
MAX_RECEIVES = 3
GATEWAY_PAUSE_S = 10
LIMITS = Decimal(1000), Decimal(50)

REQUESTS = {
    "a refund": RefundRequest("order-1", Decimal(10), "damaged"),
    "another one under the same key": RefundRequest("order-1", Decimal(11), "damaged"),
    "one above the limit": RefundRequest("order-2", Decimal(5000), "damaged"),
    "one that is declined": RefundRequest("declined-3", Decimal(10), "damaged"),
    "one above the other limit": RefundRequest("order-4", Decimal(100), "damaged"),
}
OF_RECEIVER = sampled_from(["", "store", "send"])
OF_PROCESSOR = sampled_from(["", "load", "read the secret", "look up", "pay", "write"])
HOW = sampled_from(["fails before", "fails after", "crashes before", "crashes after"])


class _Log:
    """Swallows what is foreseen, and nothing else."""

    def info(self, message: str, **keys: object) -> None:
        """Log what happened."""

    def failure(self, message: str, cause: object, **keys: object) -> None:
        """Log a failure that was foreseen."""

    def unexpected(self, message: str, error: Exception) -> None:
        """Fail: nothing here is unforeseen."""
        raise AssertionError(message) from error


class Protocol(RuleBasedStateMachine):
    """Clients, functions, queue, gateway and operators, one step at a time."""

    can_be_asked = True

    @initialize()
    def begin(self) -> None:
        """Begin with nothing, all well."""
        self.calls, self.clock = Calls(), _clock
        self.clock.reset()
        self.table = FakeDynamoDb(self.calls)
        self.queue = FakeSqs(self.calls)
        self.secrets = FakeSecretsManager(self.calls)
        self.gateway = FakeGateway(self.calls, self.clock)
        _pools[:] = [self.gateway]
        self.limit = LIMITS[0]
        self.rotations = 1
        self.promised: dict[str, RefundRequest] = {}
        self.decided: dict[str, dict[str, Any]] = {}
        self._environment_starts()

    def _environment_starts(self) -> None:
        client = cast("Any", self.table)
        self.store = RefundStore(client, TABLE)
        self.sender = RefundQueue(cast("Any", self.queue), "url")
        batch = BatchStore(client, TABLE)
        self.processing = RefundProcessing(
            batch.get,
            batch.save_decisions,
            GuardedGateway(
                HttpGateway(
                    "http://gateway",
                    1,
                    1,
                    connections=1,
                    currency=Currency("EUR", 2),
                    credentials=GatewaySecret(cast("Any", self.secrets), "arn"),
                ),
                asking=CircuitBreaker(GATEWAY_PAUSE_S, self.clock.time),
                paying=CircuitBreaker(GATEWAY_PAUSE_S, self.clock.time),
            ),
            self.limit,
            PaymentRule(RETENTION, can_ask=self.can_be_asked),
        )

    @rule(which=sampled_from(list(REQUESTS)), at=OF_RECEIVER, how=HOW)
    def client_asks_for(self, which: str, at: str = "", how: str = "") -> None:
        """Ask, for the first time or again, with the key of the order."""
        self.calls.trouble = Trouble(at, how)
        request = REQUESTS[which]
        refund = new_refund(Submission(request, "key"), self.limit, "correlation")
        try:
            accept(refund, self.store.add, lambda one: self.sender.send(one, None))
        except (UnavailableError, IdempotencyConflictError, Crash):
            return
        known = self.promised.setdefault(refund.refund_id, request)
        assert known == request, "two requests were accepted under one key"

    @precondition(lambda self: self.queue.waiting)
    @rule(at=OF_PROCESSOR, how=HOW)
    def message_is_delivered(self, at: str = "", how: str = "") -> None:
        """Deliver the oldest message, which is dead where that was too often.

        One call may go wrong.
        """
        self.clock.pass_by(timedelta(minutes=3))
        message = self.queue.waiting.pop(0)
        if message.receives >= MAX_RECEIVES:
            self.queue.dead.append(message)
            return
        message.receives += 1
        self.calls.trouble = self.calls.trouble or Trouble(at, how)
        if not self._processed(message):
            self.queue.waiting.append(message)

    @precondition(lambda self: self.queue.waiting)
    @rule(before=sampled_from(["load", "look up", "pay", "write"]))
    def message_is_delivered_twice_at_once(self, before: str) -> None:
        """Let another Processor handle a copy just before this call of the first."""
        copy = Message(self.queue.waiting[0].refund_id, receives=1)
        self.calls.trouble = Trouble(before, "meanwhile", lambda: self._overtake(copy))
        self.message_is_delivered()

    def _overtake(self, message: Message) -> None:
        mine = self.processing
        self._environment_starts()
        self.clock.pass_by(timedelta(seconds=1))
        self._processed(message)
        self.processing = mine
        self._decided_refund_never_changes()

    def _processed(self, message: Message) -> bool:
        refund_id = message.refund_id
        try:
            outcomes = self.processing.process(
                {refund_id: _Log()}, {refund_id: message.receives}, lambda: 30.0
            )
        except Crash:
            self._environment_starts()
            return False
        return outcomes[refund_id].prospect is None

    @precondition(lambda self: self.queue.waiting)
    @rule(last=booleans())
    def message_is_doubled(self, last: bool) -> None:  # noqa: FBT001 - Hypothesis draws it
        """Let SQS deliver a message once more, soon or late."""
        place = len(self.queue.waiting) if last else 0
        refund_id = self.queue.waiting[0].refund_id
        self.queue.waiting.insert(place, Message(refund_id))

    @rule(mood=sampled_from(["well", "down", "pending", "replaying", "babbling"]))
    def gateway_is(self, mood: str) -> None:
        """Let the gateway be done or not, replay an error, say nothing, or be down."""
        self.gateway.mood = mood

    @rule(hours=sampled_from([1, 22, 23, 48]))
    def hours_pass(self, hours: int) -> None:
        """Let time pass; the gateway forgets the keys that are old enough."""
        self.clock.pass_by(timedelta(hours=hours))
        self.gateway.forget_keys()

    @rule()
    def secret_is_rotated(self) -> None:
        """Demand another secret."""
        self.rotations += 1
        self.gateway.demanded = self.secrets.value = f"Bearer {self.rotations}"

    @rule(limit=sampled_from(LIMITS))
    def release_has_the_limit(self, limit: Decimal) -> None:
        """Deploy another DecisionLimit."""
        self.limit = limit
        self._environment_starts()

    @rule()
    def environment_starts_anew(self) -> None:
        """Forget what an environment remembers."""
        self._environment_starts()

    @precondition(lambda self: self.queue.dead)
    @rule()
    def dead_letters_are_redriven(self) -> None:
        """Move them back; each counts from the start again."""
        self.queue.waiting += [Message(one.refund_id) for one in self.queue.dead]
        self.queue.dead.clear()

    @precondition(lambda self: self.promised)
    @rule()
    def undecided_refunds_are_sent_again(self) -> None:
        """Send what is promised and PENDING once more."""
        for refund_id in self.promised:
            if self._status(refund_id) == "PENDING":
                self.queue.waiting.append(Message(refund_id))

    def _status(self, refund_id: str) -> str:
        return str(self.table.items[f"REFUND#{refund_id}"]["status"]["S"])

    @invariant()
    def promise_is_kept(self) -> None:
        """Check the clauses one by one."""
        self._at_most_one_payment_per_refund()
        self._at_most_one_refund_per_order_and_key()
        self._approved_is_what_the_gateway_has_paid()
        self._decided_refund_never_changes()
        self._undecided_promise_has_a_message()
        self._message_names_a_stored_refund()

    def _at_most_one_payment_per_refund(self) -> None:
        """Whatever happened."""
        assert all(order.payments <= 1 for order in self.gateway.orders.values())

    def _at_most_one_refund_per_order_and_key(self) -> None:
        """Let a repeat find the first one."""
        orders = [item["orderId"]["S"] for item in self.table.items.values()]
        assert len(orders) == len(set(orders))

    def _approved_is_what_the_gateway_has_paid(self) -> None:
        """By name, and with its reference; REJECTED is what it has not."""
        for item in self.table.items.values():
            refund_id = item["refundId"]["S"]
            order = self.gateway.orders.get(refund_id)
            match item["status"]["S"]:
                case "APPROVED":
                    assert order is not None
                    assert (order.payments, order.settled) == (1, True)
                    assert item["gatewayReference"]["S"] == f"re-{refund_id}"
                case "REJECTED":
                    assert order is None or order.payments == 0

    def _decided_refund_never_changes(self) -> None:
        """One final state, written once."""
        for key, item in self.table.items.items():
            if item["status"]["S"] != "PENDING":
                assert self.decided.setdefault(key, item) == item

    def _undecided_promise_has_a_message(self) -> None:
        """In the queue, or dead."""
        kept = {one.refund_id for one in (*self.queue.waiting, *self.queue.dead)}
        for refund_id in self.promised:
            assert self._status(refund_id) != "PENDING" or refund_id in kept

    def _message_names_a_stored_refund(self) -> None:
        """One that names none could not be decided by anybody."""
        named = {one.refund_id for one in (*self.queue.waiting, *self.queue.dead)}
        assert {f"REFUND#{one}" for one in named} <= self.table.items.keys()

    def teardown(self) -> None:
        """Heal, repeat as a client would, redrive: every promise is decided."""
        self.gateway.mood = "well"
        self._environment_starts()
        for which, request in REQUESTS.items():
            if request in self.promised.values():
                self.client_asks_for(which)
        for _ in range(2):
            self.dead_letters_are_redriven()
            for _ in range(len(self.queue.waiting) * (MAX_RECEIVES + 1)):
                if self.queue.waiting:
                    self.message_is_delivered()
                    self.promise_is_kept()
        undecided = [one for one in self.promised if self._status(one) == "PENDING"]
        assert undecided == [] or not self.can_be_asked


class WithoutLookUp(Protocol):
    """The same with a gateway that cannot be asked: old refunds wait for a person."""

    can_be_asked = False


_clock = Clock()
_pools: list[FakeGateway] = []


@pytest.fixture(autouse=True)
def memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the clock and the pool into the place of the real ones."""
    monkeypatch.setattr(model, "datetime", _clock)
    for module in (batch_store, gateway, gateway_secret):
        monkeypatch.setattr(module, "time", _clock)
    pools = SimpleNamespace(PoolManager=lambda **_: _pools[0], Timeout=urllib3.Timeout)
    monkeypatch.setattr(gateway, "urllib3", pools)


@pytest.mark.parametrize("machine", [Protocol, WithoutLookUp])
def test_promise_holds_in_every_story(machine: type[Protocol]) -> None:
    """The invariants are the clauses of docs/promise.md."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            report_multiple_bugs=False,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
