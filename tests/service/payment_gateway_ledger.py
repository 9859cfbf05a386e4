"""What the loopback payment gateway remembers of every refund it was asked for."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace


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
