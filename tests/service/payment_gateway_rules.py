"""What the payment gateway double does to an order, and what it remembers of it."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Mapping
    from http import HTTPStatus

type Mode = Literal[
    "ok",  # charge and say so
    "decline",  # 402 with a reason, no charge
    "fail",  # 503, no charge
    "slow",  # wait delay_s, then charge
    "hang",  # never answer, no charge
    "hang_after_charge",  # charge, never answer
    "hold",  # wait until the mode is another one, then behave like that
    "reset",  # reset the connection, no charge
    "garbage",  # charge, answer 200 with something that is not JSON
    "empty",  # 200 without a body, no charge
    "pending",  # take the order, say that it is pending, for ever or so many times
    "save_500",  # charge, say 500, and replay that for as long as the key is known
]
# Longer than a test waits; a typo should not keep a thread for a day.
MAX_DELAY_S = 600
MODES: tuple[str, ...] = get_args(Mode.__value__)


@dataclass(frozen=True, slots=True)
class Rule:
    """One behaviour; the delay matters to "slow" only, the times to "pending"."""

    mode: str
    delay_s: float = 0.0
    times: int = 0  # 0: for ever


class Rules:
    """Rules by prefix of the order id; the longest prefix that fits wins."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._rules: dict[str, Rule] = {}
        self._closed = False

    def put(
        self, mode: str, delay_s: float, order_id_prefix: str, times: int = 0
    ) -> None:
        """Set the rule of a prefix; "" is every order. Raises ValueError."""
        if mode not in MODES:
            raise ValueError(f"mode must be one of {', '.join(MODES)}")
        if not 0 <= delay_s <= MAX_DELAY_S:
            raise ValueError(f"delayS must be 0 to {MAX_DELAY_S}")
        with self._changed:
            self._rules[order_id_prefix] = Rule(mode, delay_s, times)
            self._changed.notify_all()

    def remove(self, order_id_prefix: str | None) -> None:
        """Forget the rule of a prefix, or all rules."""
        with self._changed:
            if order_id_prefix is None:
                self._rules.clear()
            else:
                self._rules.pop(order_id_prefix, None)
            self._changed.notify_all()

    def close(self) -> None:
        """Let every request go that is held or slow."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def wait_for_rule(self, order_id: str) -> Rule:
        """Return the order's rule once it is not "hold", and after its delay.

        A gateway that closes meanwhile gives no answer any more: that is a "hang".
        """
        with self._changed:
            self._changed.wait_for(
                lambda: self._closed or self._rule(order_id).mode != "hold"
            )
            rule = self._rule(order_id)
            if rule.mode == "slow":
                self._changed.wait_for(lambda: self._closed, timeout=rule.delay_s)
            return Rule("hang") if self._closed else rule

    def _rule(self, order_id: str) -> Rule:
        fitting = [prefix for prefix in self._rules if order_id.startswith(prefix)]
        return self._rules[max(fitting, key=len)] if fitting else Rule("ok")


@dataclass(frozen=True, slots=True)
class Charge:
    """One refund: how often it was asked for, looked up, and really paid."""

    refund_id: str
    order_id: str
    amount: str
    attempts: int = 0
    look_ups: int = 0
    orders: int = 0  # taken: each is, or will be, a payment
    pending: int = 0  # how often that was the answer
    settled: bool = False
    body: Mapping[str, object] = field(default_factory=dict)  # of its first order

    @property
    def calls(self) -> int:
        """How often the gateway was called, whether to pay or to tell."""
        return self.attempts + self.look_ups

    @property
    def effects(self) -> int:
        """How often money moved, or will; more than once must never happen."""
        return self.orders

    @property
    def reference(self) -> str:
        """The gateway's own name for the charge; every repeat is told the same."""
        return f"charge-{self.refund_id}"

    def to_json(self) -> dict[str, object]:
        """Return what GET /control/charges shows."""
        return {
            "refundId": self.refund_id,
            "orderId": self.order_id,
            "amount": self.amount,
            "attempts": self.attempts,
            "lookUps": self.look_ups,
            "effects": self.effects,
        }


@dataclass(slots=True)
class _Key:
    """An Idempotency-Key that the gateway remembers."""

    used_at: float
    took_order: bool = False
    saved_status: HTTPStatus | None = None


class Ledger:
    """All charges by refund, and the keys that are remembered; safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._charges: dict[str, Charge] = {}
        self._keys: dict[str, _Key] = {}
        self.key_lifetime_s = float("inf")
        # What Authorization has to be; None takes every request.
        self.authorization: str | None = None

    def attempt(self, refund_id: str, body: Mapping[str, object]) -> Charge:
        """Count one attempt; raise ValueError if the key was for something else."""
        with self._lock:
            order_id, amount = str(body["orderId"]), str(body["amount"])
            new = Charge(refund_id, order_id, amount, body=body)
            charge = self._charges.get(refund_id, new)
            if charge.body != body:
                raise ValueError("this Idempotency-Key was used for another refund")
            self._key(refund_id)
            return self._put(charge, attempts=charge.attempts + 1)

    def look_up(self, refund_id: str) -> Charge | None:
        """Count one look-up; None for a refund that was never seen."""
        with self._lock:
            charge = self._charges.get(refund_id)
            return charge and self._put(charge, look_ups=charge.look_ups + 1)

    def take_order(self, refund_id: str, *, settle: bool) -> Charge:
        """Take an order, unless its key is remembered; once more if it is forgotten."""
        with self._lock:
            charge, key = self._charges[refund_id], self._key(refund_id)
            if not key.took_order:
                key.took_order = True
                charge = self._put(charge, orders=charge.orders + 1)
            return self._put(charge, settled=charge.settled or settle)

    def settle(self, refund_id: str) -> Charge:
        """Pay what was taken and is pending."""
        with self._lock:
            charge = self._charges[refund_id]
            return self._put(charge, settled=charge.orders > 0)

    def is_pending(self, refund_id: str, times: int) -> bool:
        """Count one more answer "pending", unless there were so many of them."""
        with self._lock:
            charge = self._charges[refund_id]
            if charge.settled or 0 < times <= charge.pending:
                return False
            self._put(charge, pending=charge.pending + 1)
            return True

    def save(self, refund_id: str, status: HTTPStatus) -> None:
        """Answer the refund's key like this from now on."""
        with self._lock:
            self._key(refund_id).saved_status = status

    def saved(self, refund_id: str) -> HTTPStatus | None:
        """Return what the key is answered in any case."""
        with self._lock:
            return self._key(refund_id).saved_status

    def forget_keys(self, order_id_prefix: str = "") -> None:
        """Forget the keys of all orders, or of some, as a gateway does after a day."""
        with self._lock:
            for refund_id, charge in self._charges.items():
                if charge.order_id.startswith(order_id_prefix):
                    self._keys.pop(refund_id, None)

    def remembered_keys(self) -> int:
        """Return how many keys are younger than their lifetime."""
        now = time.monotonic()
        with self._lock:
            ages = [now - key.used_at for key in self._keys.values()]
        return sum(age < self.key_lifetime_s for age in ages)

    def charges(self) -> list[Charge]:
        """Return all charges, oldest first."""
        with self._lock:
            return list(self._charges.values())

    def _key(self, refund_id: str) -> _Key:
        now = time.monotonic()
        key = self._keys.get(refund_id)
        if key is None or now - key.used_at >= self.key_lifetime_s:
            key = self._keys[refund_id] = _Key(now)
        return key

    def _put(self, charge: Charge, **changes: Any) -> Charge:  # noqa: ANN401 - as in replace
        changed = replace(charge, **changes)
        self._charges[charge.refund_id] = changed
        return changed


def answer_of(charge: Charge, *, pending: bool = False) -> Mapping[str, str]:
    """Return the body that says what became of a charge."""
    status = "pending" if pending else "succeeded"
    return {"status": status, "reference": charge.reference}
