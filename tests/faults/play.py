"""What a delivery at the wrong time is played with, and how each ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faults.fault import PAID_AND_RESET
from faults.mapping import TIMEOUT_S, Mapping
from faults.queue import Message

if TYPE_CHECKING:
    from faults.clauses import Watch
    from faults.environment import Environment
    from faults.stage import Stage


class Play:
    """A client that was accepted, a Processor, and more of them where asked for."""

    def __init__(self, stage: Stage, watch: Watch, *, warm: bool) -> None:
        self.stage, self.world, self.watch = stage, stage.world, watch
        self._started: list[Environment] = []
        self.warm = warm
        self.mapping = Mapping(self.world, watch, self.start())
        [self.client] = stage.accept(watch, "49.90")

    def start(self, *, look_up: bool = True, limit: str = "1000") -> Environment:
        """Start another environment; a warm one has paid a refund before."""
        environment = self.world.environment(look_up=look_up, limit=limit)
        self._started.append(environment)
        if self.warm:
            self._warm_up(environment)
        return environment

    def _warm_up(self, environment: Environment) -> None:
        """Let it pay a refund of its own, while the others wait."""
        queue = self.world.queue
        others, queue.waiting = queue.waiting, []
        self.watch.message_may_be_away = True
        self.stage.accept(self.watch, "1.00")
        Mapping(self.world, self.watch, environment).deliver()
        queue.waiting += others
        self.watch.message_may_be_away = False

    def end(self) -> None:
        """End the environments."""
        for environment in self._started:
            environment.close()

    def copies(self, number: int, receives: int = 1) -> list[Message]:
        """Return more messages about the client's refund, as SQS may deliver them."""
        [first, *_] = self.world.queue.waiting
        return [
            Message(first.body, first.attributes, receives=receives)
            for _ in range(number)
        ]

    def pay_without_an_answer(self, deliveries: int = 1) -> None:
        """Let the gateway pay, and lose its answer."""
        self.world.wire.inject("POST", PAID_AND_RESET, None, lambda: 0)
        for _ in range(deliveries):
            self.mapping.deliver()
        self.world.wire.heal()

    def finish(self) -> None:
        """Redrive what is dead, repeat as a client would, and look at the end."""
        self.mapping.drain()
        self.client.repeat(self.stage.helper, TIMEOUT_S, 1)
        self.mapping.drain()
        self.watch.look_at_the_end()
