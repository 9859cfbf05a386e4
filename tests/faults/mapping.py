"""The event source mapping, and the operator who redrives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from faults.client import in_time
from faults.queue import MAX_RECEIVES, event_of

if TYPE_CHECKING:
    from faults.clauses import Watch
    from faults.environment import Ended, Environment
    from faults.queue import Message
    from faults.world import World

VISIBILITY_TIMEOUT_S = 180
# In health; a delivery that is to fail has less (see scenarios).
TIMEOUT_S = 30.0
_REDRIVES = 4


@dataclass(slots=True)
class Mapping:
    """Delivers to one Processor; what it does not report as failed is deleted."""

    world: World
    watch: Watch
    processor: Environment
    timeout_s: float = TIMEOUT_S

    def deliver(self) -> bool:
        """Deliver a batch; tell whether there was one."""
        batch = self.world.queue.receive()
        if batch:
            self.processor.begin("processor", event_of(batch), self.timeout_s)
            self.done(batch, self.processor.end())
        return bool(batch)

    def done(self, batch: list[Message], ended: Ended) -> None:
        """Delete what was processed; then a visibility timeout passes."""
        in_time(self.watch, ended, self.timeout_s)
        if ended.answer is not None:
            failed = {
                str(one["itemIdentifier"]) for one in ended.answer["batchItemFailures"]
            }
            self.world.queue.delete(
                one for one in batch if one.message_id not in failed
            )
        self.world.wire.release()
        self.processor.let_pass(VISIBILITY_TIMEOUT_S)
        self.watch.look()

    def drain(self) -> int:
        """Deliver until nothing waits; return how often a message was redriven."""
        self.timeout_s = TIMEOUT_S
        for redrives in range(_REDRIVES):
            for _ in range(MAX_RECEIVES + 1):
                if not self.deliver():
                    break
            if not self.world.queue.dead:
                return redrives
            self.world.queue.redrive()
        return _REDRIVES
