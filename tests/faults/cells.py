"""What is enumerated: each call of a function, each fault, how often, cold and warm.

Another call is another line in CALLS.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING

from faults.fault import AWS, BATCH, GATEWAY, ORDER
from sam_harness.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from faults.fault import Fault

# How many calls in a row meet the fault; None: all of them, until it is over.
TIMES: dict[str, int | None] = {"once": 1, "twice": 2, "for long": None}
STARTS = ("cold", "warm")
# The Sweeper runs so seldom that its environment is a new one each time.
_SELDOM = ("once", "for long"), ("cold",)


@dataclass(frozen=True, slots=True)
class Call:
    """An operation that a function calls, and what can happen to it."""

    function: str
    operation: str
    faults: tuple[Fault, ...]
    times: tuple[str, ...] = tuple(TIMES)
    starts: tuple[str, ...] = STARTS

    @property
    def cells(self) -> int:
        """How many cells it has."""
        return len(self.faults) * len(self.times) * len(self.starts)

    @property
    def name(self) -> str:
        """The call as the tables and the command line have it."""
        return f"{self.function}.{self.operation}"


CALLS = (
    Call("receiver", "PutItem", AWS),
    Call("receiver", "SendMessage", AWS),
    Call("reader", "GetItem", AWS),
    Call("reader", "Query", AWS),
    Call("processor", "BatchGetItem", (*AWS, BATCH[0])),
    Call("processor", "BatchExecuteStatement", (*AWS, *BATCH)),
    Call("processor", "GetSecretValue", AWS),
    Call("processor", "POST", (*GATEWAY, *ORDER)),
    Call("processor", "GET", GATEWAY),
    Call("processor", "ChangeMessageVisibilityBatch", (*AWS, BATCH[2])),
    Call("sweeper", "Query", AWS, *_SELDOM),
    Call("sweeper", "UpdateItem", AWS, *_SELDOM),
    Call("sweeper", "SendMessage", AWS, *_SELDOM),
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One call that fails in one way; then, maybe, the same or another one again."""

    call: Call
    fault: Fault
    times: str
    start: str
    then: Cell | None = None

    @property
    def name(self) -> str:
        """The cell as the command line has it."""
        parts = (self.call.name, self.fault.name, self.times, self.start)
        name = "/".join(parts).replace(" ", "-")
        return f"{name}+{self.then.name}" if self.then else name

    @property
    def parts(self) -> tuple[Cell, ...]:
        """What fails, one after the other."""
        return (self, *self.then.parts) if self.then else (self,)

    @property
    def takes_time(self) -> bool:
        """Whether a call has to be given up."""
        return any(part.fault.takes_time for part in self.parts)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One way in which messages, or clients, come at the wrong time."""

    scenario: str
    start: str

    @property
    def name(self) -> str:
        """The cell as the command line has it."""
        return f"delivery/{self.scenario}/{self.start}"


type AnyCell = Cell | Delivery


def enumerated(scenarios: Sequence[str]) -> list[AnyCell]:
    """Return every cell; `scenarios`: the names of the deliveries."""
    deliveries = [Delivery(name, start) for name in scenarios for start in STARTS]
    return [*_cells(), *deliveries]


def _cells() -> list[Cell]:
    return [
        Cell(call, fault, times, start)
        for call in CALLS
        for fault in call.faults
        for times in call.times
        for start in call.starts
    ]


def pairs(number: int) -> list[AnyCell]:
    """Return so many cells in which two faults follow each other: always the same."""
    drawn = Random(1)  # noqa: S311 - a sample, no secret
    followed = [one for one in _cells() if one.times == "twice"]
    found: dict[str, AnyCell] = {}
    while len(found) < number:
        first, second = drawn.choice(followed), drawn.choice(followed)
        # What only reads, or runs seldom, has nothing to lose between two.
        function = first.call.function
        if function == second.call.function and function in {"receiver", "processor"}:
            pair = replace(first, then=second)
            found[pair.name] = pair
    return list(found.values())


def chosen(cells: Sequence[AnyCell], names: Sequence[str]) -> list[AnyCell]:
    """Return the cells of these names, or beginnings of names; all without any.

    Raises:
        UsageError: a name is no cell's.
    """
    for name in names:
        if not any(_fits(cell.name, name) for cell in cells):
            known = ", ".join(_next_to(name, cells))
            raise UsageError(f"no such cell: {name}; there are: {known}")
    return [
        cell
        for cell in cells
        if not names or any(_fits(cell.name, name) for name in names)
    ]


def _next_to(name: str, cells: Sequence[AnyCell]) -> dict[str, None]:
    """Return how the name could begin: with which call, or with which of its faults."""
    call = name.partition("/")[0]
    of_call = [one.name for one in cells if one.name.startswith(f"{call}/")]
    depth, names = (2, of_call) if of_call else (1, [one.name for one in cells])
    return dict.fromkeys("/".join(one.split("/")[:depth]) for one in names)


def _fits(cell: str, name: str) -> bool:
    return cell == name or cell.startswith(name.rstrip("/") + "/")
