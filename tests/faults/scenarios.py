"""How a cell is run: fail the call, heal, repeat as a client would, redrive."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from faults.cells import TIMES
from faults.clauses import Watch
from faults.client import ACCEPTED, CONFLICT, UNAVAILABLE, Client, read
from faults.fault import PAID_AND_RESET
from faults.mapping import TIMEOUT_S, Mapping
from faults.queue import MAX_RECEIVES
from faults.sweeping import (
    SWEEPS_THAT_FAIL,
    lose_messages,
    sweep,
    sweep_until_decided,
)
from faults.world import IMPATIENT, PATIENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from faults.cells import Cell
    from faults.environment import Environment
    from faults.stage import Stage

# What a function has where it must give up by itself: enough for all else it does.
_SHORT_S = {"receiver": 0.75, "reader": 0.75, "processor": 1.8, "sweeper": 9.0}
_REPEATS = 4

UNNOTICED, REPEATED, REDRIVEN = "unnoticed", "repeated", "redriven"
KEPT = "kept"  # of a delivery: there is nothing to repair


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of a cell: what it took to repair it, and what broke the promise."""

    outcome: str
    broken: tuple[str, ...]
    elapsed_s: float = 0.0


def run(stage: Stage, cell: Cell) -> Finding:
    """Run the cell; a fault that no call met is a finding, too."""
    watch = Watch(stage.world)
    stage.world.clear()
    patience = IMPATIENT if cell.takes_time else PATIENT
    subject = stage.world.environment(patience=patience)
    try:
        outcome = _RUNS[cell.call.function](stage, cell, watch, subject)
    finally:
        stage.world.wire.heal()
        subject.close()
    return Finding(outcome, tuple(watch.broken))


@contextmanager
def failing(
    stage: Stage, cell: Cell, part: Cell, watch: Watch, subject: Environment
) -> Iterator[float]:
    """Let the part's calls fail in the block; yields the time of each invocation."""
    wire = stage.world.wire
    wire.inject(part.call.operation, part.fault, TIMES[part.times], lambda: subject.pid)
    yield _SHORT_S[part.call.function] if part.fault.takes_time else TIMEOUT_S
    if part is cell and not wire.met:
        watch.breaks("the fault was met", f"{cell.call.name} was never called")
    wire.heal()


def _receiver(stage: Stage, cell: Cell, watch: Watch, subject: Environment) -> str:
    if cell.start == "warm":
        Client(watch).repeat(subject, TIMEOUT_S, 1)
    client = Client(watch)
    first: list[int | None] = []
    for part in cell.parts:
        with failing(stage, cell, part, watch, subject) as timeout_s:
            for _ in range(1 if cell.then else _REPEATS):
                if ACCEPTED not in first:
                    first.append(client.post(subject, timeout_s))
                    stage.world.wire.release()
                    watch.look()
    if ACCEPTED not in first:
        client.repeat(subject, TIMEOUT_S, _REPEATS)
    conflict = client.post(subject, TIMEOUT_S, amount="50.01")
    if conflict != CONFLICT:
        watch.breaks("another request is refused", f"{conflict}")
    mapping = Mapping(stage.world, watch, stage.helper)
    mapping.drain()
    client.repeat(subject, TIMEOUT_S, 1)
    mapping.drain()
    watch.look_at_the_end()
    return UNNOTICED if first[:1] == [ACCEPTED] else REPEATED


def _reader(stage: Stage, cell: Cell, watch: Watch, subject: Environment) -> str:
    client, *_ = stage.accept(watch, "49.90")
    refund_id = client.refund_id if cell.call.operation == "GetItem" else None

    def look(timeout_s: float) -> int | None:
        status, body = read(watch, subject, timeout_s, refund_id, client.order_id)
        shown = body if refund_id else (body.get("refunds") or [{}])[0]
        if status not in {None, 200, UNAVAILABLE} or (
            status == 200 and shown.get("refundId") != client.refund_id
        ):
            watch.breaks("a refund is shown, or told to ask again", f"{status} {body}")
        return status

    if cell.start == "warm":
        look(TIMEOUT_S)
    statuses: list[int | None] = []
    with failing(stage, cell, cell, watch, subject) as timeout_s:
        while len(statuses) < _REPEATS and 200 not in statuses:
            statuses.append(look(timeout_s))
            stage.world.wire.release()
    if look(TIMEOUT_S) != 200:
        watch.breaks("a refund is shown, or told to ask again", "never shown")
    Mapping(stage.world, watch, stage.helper).drain()
    watch.look_at_the_end()
    return UNNOTICED if statuses[:1] == [200] else REPEATED


def _processor(stage: Stage, cell: Cell, watch: Watch, subject: Environment) -> str:
    mapping = Mapping(stage.world, watch, subject)
    if cell.start == "warm":
        stage.accept(watch, "1.00")
        mapping.deliver()
    clients = stage.accept(watch, "49.90", "1000.00", "1000.01")
    deliveries = 0
    for part in cell.parts:
        _prepare(stage, part, mapping)
        with failing(stage, cell, part, watch, subject) as mapping.timeout_s:
            for _ in range(1 if cell.then else MAX_RECEIVES):
                deliveries += mapping.deliver()
        stage.world.gateway.clear_modes()
    redrives = mapping.drain()
    for client in clients:
        client.repeat(stage.helper, TIMEOUT_S, 1)
    mapping.drain()
    watch.look_at_the_end()
    if redrives:
        return REDRIVEN
    return UNNOTICED if deliveries <= 1 else REPEATED


def _sweeper(stage: Stage, cell: Cell, watch: Watch, subject: Environment) -> str:
    lose_messages(stage, watch)
    with failing(stage, cell, cell, watch, subject) as timeout_s:
        for _ in range(SWEEPS_THAT_FAIL):
            if not stage.world.queue.waiting:
                sweep(watch, subject, timeout_s)
    sent = bool(stage.world.queue.waiting)
    sweep_until_decided(stage, watch, subject)
    watch.look_at_the_end()
    return UNNOTICED if sent else REPEATED


def _prepare(stage: Stage, cell: Cell, mapping: Mapping) -> None:
    """Bring about that the cell's call is made."""
    wire = stage.world.wire
    if cell.call.operation == "GET":
        # Paid, and the answer was lost: what the look-up is for.
        wire.inject("POST", PAID_AND_RESET, None, lambda: 0)
        mapping.timeout_s = TIMEOUT_S
        mapping.deliver()
        wire.heal()
    elif cell.call.operation == "ChangeMessageVisibilityBatch":
        # Out until the DLQ: what fails is to come back later each time.
        stage.world.gateway.set_mode("fail")
    elif cell.call.operation == "GetSecretValue" and cell.start == "warm":
        stage.world.rotate()


_RUNS: dict[str, Callable[[Stage, Cell, Watch, Environment], str]] = {
    "receiver": _receiver,
    "reader": _reader,
    "processor": _processor,
    "sweeper": _sweeper,
}
