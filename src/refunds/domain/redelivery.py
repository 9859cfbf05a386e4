"""When a message that has failed is delivered again: pure rules, no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class Prospect(Enum):
    """What another delivery may bring."""

    PASSES = auto()  # an outage or a fault: soon at first, then less and less often
    TAKES_LONG = auto()  # the gateway has the order, and may need hours
    NONE = auto()  # broken for good: the sooner it is in the DLQ, the sooner seen


# A first failure is tried again after at most this share of the longest wait.
_FIRST = 1 / 16
# How many times the longest wait a payment that takes long is given.
_LONG = 8
# A message waits at least so long, also one without a prospect: its deliveries take
# MaxReceiveCount times as long, and must not keep the Processors from others.
_LEAST_S = 1


@dataclass(frozen=True, slots=True)
class RedeliveryRule:
    """How long a message waits for its next delivery; `longest_s` in an outage."""

    longest_s: float

    def wait_s(self, prospect: Prospect, receive_count: int, chance: float) -> int:
        """Return whole seconds, as SQS takes them; twice as long with each delivery.

        `chance`, from 0 to 1, takes up to half of it away: what failed together does
        not come back together.
        """
        if prospect is Prospect.NONE:
            return _LEAST_S
        longest_s = self.longest_s
        if prospect is Prospect.TAKES_LONG:
            longest_s *= _LONG
        # At most, because 2 to the power of a thousand receives is no float any more.
        doubled = float(2 ** min(receive_count - 1, 10))
        wait_s = min(longest_s, self.longest_s * _FIRST * doubled)
        return max(_LEAST_S, round(wait_s * (1 - chance / 2)))
