"""The schedule's function: what is undecided is found and sent again, within bounds."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from faults.client import Client, in_time
from faults.fault import Fault
from faults.mapping import TIMEOUT_S, Mapping

if TYPE_CHECKING:
    from faults.clauses import Watch
    from faults.environment import Environment
    from faults.play import Play
    from faults.stage import Stage
    from faults.world import World

SWEEPS_THAT_FAIL = 2
# Longer than the wait before any resend.
_LONG = timedelta(hours=40)
_MOST_RESENDS = 5
_REFUSED = Fault("refused", "none", "answers", 503, b"")


def sweep(watch: Watch, sweeper: Environment, timeout_s: float = TIMEOUT_S) -> None:
    """Run the schedule's function once."""
    in_time(watch, sweeper.invoke("sweeper", {}, timeout_s), timeout_s)
    watch.world.wire.release()


def lose_messages(stage: Stage, watch: Watch) -> Client:
    """Leave refunds of yesterday whose messages are gone; return the promised one.

    The other one's client was told 503 and had no key: it may have asked for another.
    """
    [client] = stage.accept(watch, "49.90")
    unpromised = Client(watch, key=None)
    watch.world.wire.inject("SendMessage", _REFUSED, None, lambda: 0)
    unpromised.post(stage.helper, TIMEOUT_S)
    watch.world.wire.heal()
    watch.message_may_be_away = True
    watch.world.queue.clear()
    for records in watch.world.records().values():
        for refund_id in records:
            watch.world.age(refund_id, timedelta(days=1))
    return client


def sweep_until_decided(stage: Stage, watch: Watch, sweeper: Environment) -> int:
    """Let the schedule go on; return how many sweeps it took."""
    mapping = Mapping(stage.world, watch, stage.helper)
    for sweeps in range(_MOST_RESENDS):
        mapping.drain()
        if not _pending(stage.world):
            return sweeps
        for refund_id in _pending(stage.world):
            stage.world.age(refund_id, _LONG)
        sweep(watch, sweeper)
    mapping.drain()
    return _MOST_RESENDS


def _pending(world: World) -> list[str]:
    return [
        refund_id
        for records in world.records().values()
        for refund_id, record in records.items()
        if record["status"]["S"] == "PENDING" and record["madeWithKey"]["BOOL"]
    ]


def swept_while_its_message_waits(play: Play) -> None:
    """Send again what was not lost at all."""
    play.world.age(play.client.refund_id, timedelta(days=1))
    sweep(play.watch, play.mapping.processor)
    if len(play.world.queue.waiting) < 2:
        play.watch.breaks("the fault was met", "nothing was sent again")


def swept_at_once_by_two(play: Play) -> None:
    """Let two sweeps find the same refund, and both count before either has sent."""
    play.world.age(play.client.refund_id, timedelta(days=1))
    play.world.queue.clear()
    play.watch.message_may_be_away = True
    both = [play.mapping.processor, play.start()]
    held = Fault("held", "done", "holds")
    play.world.wire.inject("UpdateItem", held, 2, lambda: 0)
    for sweeper in both:
        sweeper.begin("sweeper", {}, TIMEOUT_S)
    if not play.world.wire.await_held(2):
        play.watch.breaks("the fault was met", "UpdateItem was not called twice")
    play.world.wire.heal()
    for sweeper in both:
        in_time(play.watch, sweeper.end(), TIMEOUT_S)
    if (sent := len(play.world.queue.waiting)) != 1:
        play.watch.breaks("two sweeps send once", f"{sent} messages")


def swept_again_and_again(play: Play) -> None:
    """Sweep more often than a refund may be sent again; then a person looks at it."""
    play.world.queue.clear()
    play.watch.message_may_be_away = True
    for _ in range(_MOST_RESENDS + 2):
        play.world.age(play.client.refund_id, _LONG)
        sweep(play.watch, play.mapping.processor)
    if (sent := len(play.world.queue.waiting)) != _MOST_RESENDS:
        play.watch.breaks("sent again so often and no more", f"{sent} messages")


def swept_when_it_is_too_old(play: Play) -> None:
    """Sweep when the gateway's look-up is no longer right: a person has to look."""
    play.client.promised.waits_for_person = True
    play.watch.message_may_be_away = True
    play.world.queue.clear()
    play.world.age(play.client.refund_id, timedelta(days=15))
    sweep(play.watch, play.mapping.processor)
    if play.world.queue.waiting:
        play.watch.breaks("what is too old is not sent", "it was")


SWEEPS = (
    swept_while_its_message_waits,
    swept_at_once_by_two,
    swept_again_and_again,
    swept_when_it_is_too_old,
)
