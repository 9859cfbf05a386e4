"""How the loopback payment gateway shall behave, for all orders or for some."""

from __future__ import annotations

import threading
from dataclasses import dataclass
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
# More than anybody waits for; a typo should not keep a thread for a day.
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
