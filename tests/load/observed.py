"""A load as it went."""

from dataclasses import dataclass

from load.plan import Scenario


@dataclass(frozen=True, slots=True)
class Sample:
    """The backlog and the memory at one moment, seconds from the first arrival."""

    at_s: float
    queued: int
    dead: int
    emulator_bytes: int
    function_bytes: int


@dataclass(frozen=True, slots=True)
class Sent:
    """One refund that was asked for, again while the answer was to ask again.

    ``took_s`` counts from when it was due to the last answer, ``refused`` are the
    statuses before that one. ``repeat`` is the refund that a repeat with the same key
    got, where there was one.
    """

    due_s: float
    took_s: float
    status: int
    refund_id: str | None
    refused: tuple[int, ...] = ()
    repeat: str | None = None


@dataclass(frozen=True, slots=True)
class Observed:
    """A scenario as it went.

    ``stored`` and ``decided`` are refund id -> seconds from the first arrival: when the
    refund was accepted, and, of final ones only, when it was decided.
    ``emulator_bytes``: its memory once all was sent, before it was asked for the
    refunds, which takes memory of its own.
    """

    scenario: Scenario
    sent: tuple[Sent, ...]
    stored: dict[str, float]
    decided: dict[str, float]
    payments: dict[str, int]
    samples: tuple[Sample, ...]
    emulator_bytes: int

    @property
    def accepted(self) -> set[str]:
        """The refunds that were promised."""
        return {one.refund_id for one in self.sent if one.refund_id is not None}
