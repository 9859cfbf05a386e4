"""What the payment gateway double does to an order, and what it remembers of it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import Literal, get_args

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
]
# Longer than a test waits; a typo should not keep a thread for a day.
MAX_DELAY_S = 600
MODES: tuple[str, ...] = get_args(Mode.__value__)


@dataclass(frozen=True, slots=True)
class Rule:
    """One behaviour; the delay matters to "slow" only."""

    mode: str
    delay_s: float = 0.0


class Rules:
    """Rules by prefix of the order id; the longest prefix that fits wins."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._rules: dict[str, Rule] = {}
        self._closed = False

    def put(self, mode: str, delay_s: float, order_id_prefix: str) -> None:
        """Set the rule of a prefix; "" is every order. Raises ValueError."""
        if mode not in MODES:
            raise ValueError(f"mode must be one of {', '.join(MODES)}")
        if not 0 <= delay_s <= MAX_DELAY_S:
            raise ValueError(f"delayS must be 0 to {MAX_DELAY_S}")
        with self._changed:
            self._rules[order_id_prefix] = Rule(mode, delay_s)
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
    """One idempotency key: how often it was asked for, and how often money moved."""

    idempotency_key: str
    order_id: str
    amount: str
    attempts: int = 0
    effects: int = 0

    @property
    def reference(self) -> str:
        """The gateway's own name for the charge; every repeat is told the same."""
        return f"charge-{self.idempotency_key}"

    def to_json(self) -> dict[str, object]:
        """Return what GET /control/charges shows."""
        return {
            "idempotencyKey": self.idempotency_key,
            "orderId": self.order_id,
            "amount": self.amount,
            "attempts": self.attempts,
            "effects": self.effects,
        }


class Ledger:
    """All charges by idempotency key, safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._charges: dict[str, Charge] = {}

    def attempt(self, key: str, order_id: str, amount: str) -> Charge:
        """Count one attempt; raise ValueError if the key was for something else."""
        with self._lock:
            charge = self._charges.get(key, Charge(key, order_id, amount))
            if (charge.order_id, charge.amount) != (order_id, amount):
                raise ValueError("this Idempotency-Key was used for another refund")
            charge = replace(charge, attempts=charge.attempts + 1)
            self._charges[key] = charge
            return charge

    def move_money(self, key: str) -> None:
        """Charge, unless this key has been charged before."""
        with self._lock:
            charge = self._charges[key]
            if not charge.effects:
                self._charges[key] = replace(charge, effects=1)

    def charges(self) -> list[Charge]:
        """Return all charges, oldest first."""
        with self._lock:
            return list(self._charges.values())
