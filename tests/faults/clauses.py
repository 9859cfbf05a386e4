"""The promise, clause by clause, looked at after every step of a cell."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from faults.world import Record, Records, World

PENDING, APPROVED, REJECTED = "PENDING", "APPROVED", "REJECTED"


@dataclass(slots=True)
class Promised:
    """What a client asked for under one key, and what it was told."""

    order_id: str
    amount: str
    refund_id: str | None = None
    # Whether the gateway was paid cannot be told: it must stay as it is.
    waits_for_person: bool = False
    # Its client was told 503, and had no key to repeat it with.
    never_paid: bool = False

    @property
    def becomes(self) -> str:
        """What it is in the end: the gateway pays all that is within the limit."""
        if self.waits_for_person:
            return PENDING
        return APPROVED if float(self.amount) <= 1000 else REJECTED


@dataclass(slots=True)
class Watch:
    """Looks at table, queue and gateway; remembers what broke the promise."""

    world: World
    promised: list[Promised] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    # Where messages are held back on purpose, such as in an invocation that runs.
    message_may_be_away: bool = False
    _final: dict[str, Record] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.world.on_write = self._see

    def _see(self, everything: Records) -> None:
        for records in everything.values():
            for refund_id, record in records.items():
                self._check_state(refund_id, record)

    def breaks(self, clause: str, what: str) -> None:
        """Remember what broke a clause."""
        text = f"{clause}: {what}"
        if text not in self.broken:
            self.broken.append(text)

    def look(self) -> None:
        """Check what has to be so at any moment."""
        everything = self.world.records()
        self._see(everything)
        for one in self.promised:
            records = everything.get(one.order_id, {})
            charges = self.world.charges(one.order_id)
            for refund_id, record in records.items():
                charge = charges.get(refund_id)
                paid = charge is not None and charge.settled and charge.effects > 0
                if record["status"]["S"] == APPROVED and not paid:
                    self.breaks("APPROVED is paid", f"{refund_id} was not")
                if record["status"]["S"] == REJECTED and charge and charge.effects:
                    self.breaks("REJECTED is not paid", f"{refund_id} was")
            for charge in charges.values():
                if charge.effects > 1:
                    what = f"{charge.refund_id}: {charge.effects}"
                    self.breaks("one payment per refund", what)
            if sum(charge.effects for charge in charges.values()) > 1:
                self.breaks("a repeat pays nothing more", f"order {one.order_id}")
            self._check_kept(one, records)
        self._check_messages(everything)

    def _check_state(self, refund_id: str, record: Record) -> None:
        before = self._final.get(refund_id, record)
        if _decision(before) != _decision(record):
            what = f"{refund_id}: {_decision(before)}, then {_decision(record)}"
            self.breaks("one final state, written once", what)
        if record["status"]["S"] != PENDING:
            self._final.setdefault(refund_id, record)

    def _check_kept(self, one: Promised, records: dict[str, Record]) -> None:
        if one.refund_id is None:
            return
        if one.refund_id not in records:
            self.breaks("an accepted refund is stored", one.refund_id)
        elif (
            one.refund_id not in self._final
            and not self.message_may_be_away
            and one.refund_id not in self.world.queue.named()
        ):
            self.breaks("until then a message is kept", one.refund_id)

    def _check_messages(self, everything: Records) -> None:
        stored = {name for records in everything.values() for name in records}
        for refund_id in self.world.queue.named():
            if refund_id not in stored:
                self.breaks("a message names a stored refund", refund_id)

    def look_at_the_end(self) -> None:
        """Check what has to be so once all is well, repeated and redriven."""
        self.look()
        everything = self.world.records()
        for one in self.promised:
            if one.never_paid:
                if self.world.charges(one.order_id):
                    self.breaks("what was not promised is not paid", one.order_id)
                continue
            if one.refund_id is None:
                self.breaks("a repeat is accepted", f"never, for {one.order_id}")
                continue
            final = self._final.get(one.refund_id)
            status = final["status"]["S"] if final else PENDING
            if status != one.becomes:
                what = f"{one.refund_id} is {status}, not {one.becomes}"
                self.breaks("an accepted refund reaches its final state", what)
            records = everything.get(one.order_id, {})
            if len(records) != 1:
                what = f"{len(records)} records of one order and key"
                self.breaks("a repeat finds the first refund", what)
            self._check_reference(one, records)

    def _check_reference(self, one: Promised, records: dict[str, Record]) -> None:
        record = records.get(one.refund_id or "", {})
        if record.get("status", {}).get("S") == APPROVED:
            reference = record.get("gatewayReference", {}).get("S")
            charge = self.world.charges(one.order_id).get(one.refund_id or "")
            if charge is None or reference != charge.reference:
                self.breaks("APPROVED is said by name", f"reference {reference!r}")


def _decision(record: Record) -> tuple[str | None, ...]:
    names = ("status", "decisionReason", "gatewayReference", "updatedAt")
    return tuple(record.get(name, {}).get("S") for name in names)
