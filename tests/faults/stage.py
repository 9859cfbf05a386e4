"""What a scenario works with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from faults.client import Client
from faults.mapping import TIMEOUT_S

if TYPE_CHECKING:
    from faults.clauses import Watch
    from faults.environment import Environment
    from faults.world import World


@dataclass(slots=True)
class Stage:
    """The world, and a helper that never meets a fault."""

    world: World
    helper: Environment

    def accept(self, watch: Watch, *amounts: str) -> list[Client]:
        """Let clients be accepted, one for each amount."""
        clients = [Client(watch, amount) for amount in amounts]
        for client in clients:
            client.repeat(self.helper, TIMEOUT_S, 1)
        return clients
