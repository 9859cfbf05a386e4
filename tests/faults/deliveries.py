"""Messages and clients that come doubled, at once, late, out of order, or too often.

Each function is a cell; its first line says what happens, its name is the cell's.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from faults.clauses import Watch
from faults.client import ACCEPTED, Client
from faults.fault import Fault
from faults.mapping import TIMEOUT_S
from faults.play import Play
from faults.queue import event_of
from faults.scenarios import KEPT, Finding
from faults.sweeping import SWEEPS

if TYPE_CHECKING:
    from collections.abc import Callable

    from faults.cells import Delivery
    from faults.stage import Stage

_DAY = timedelta(days=1)
_HELD = Fault("held", "done", "holds")


def doubled_in_one_batch(play: Play) -> None:
    """Deliver two messages about one refund in one batch."""
    play.world.queue.waiting += play.copies(1)


def delivered_again_after_the_final_state(play: Play) -> None:
    """Deliver a copy of a message when its refund is decided."""
    copies = play.copies(1)
    play.mapping.deliver()
    play.world.queue.waiting += copies


def delivered_days_after_the_final_state(play: Play) -> None:
    """Deliver a copy when it is decided and the gateway has forgotten its key."""
    copies = play.copies(1)
    play.mapping.deliver()
    play.world.gateway.forget_keys()
    play.world.age(play.client.refund_id, 3 * _DAY)
    play.world.queue.waiting += copies


def out_of_order(play: Play) -> None:
    """Handle the copy with the higher receive count before the first delivery."""
    play.world.queue.waiting.insert(0, play.copies(1, receives=2)[0])
    play.mapping.deliver()


def late(play: Play) -> None:
    """Deliver for the first time two days after the acceptance."""
    play.world.age(play.client.refund_id, 2 * _DAY)


def late_without_look_up(play: Play) -> None:
    """Deliver as late, where the gateway cannot be asked: a person has to."""
    play.mapping.processor = play.start(look_up=False)
    play.client.promised.waits_for_person = True
    play.world.age(play.client.refund_id, 2 * _DAY)


def redriven_after_the_key_was_forgotten(play: Play) -> None:
    """Redrive two days later what was paid, unanswered, and dead."""
    play.pay_without_an_answer()
    play.world.gateway.set_mode("fail")
    play.mapping.drain()
    play.world.gateway.clear_modes()
    play.world.age(play.client.refund_id, 2 * _DAY)
    play.world.gateway.forget_keys()


def redriven_without_look_up_after_the_key_was_forgotten(play: Play) -> None:
    """Redrive it where the gateway cannot be asked: it must not be paid again."""
    play.mapping.processor = play.start(look_up=False)
    play.client.promised.waits_for_person = True
    play.pay_without_an_answer(deliveries=4)
    play.world.age(play.client.refund_id, 2 * _DAY)
    play.world.gateway.forget_keys()


def redriven_near_the_end_of_the_keys_life(play: Play) -> None:
    """Redrive within the margin: the key may be gone, and counting starts anew."""
    play.pay_without_an_answer()
    play.world.age(play.client.refund_id, timedelta(hours=23))
    play.world.gateway.forget_keys()
    for message in play.world.queue.waiting:
        message.receives = 0


def repeated_by_the_client_after_the_key_was_forgotten(play: Play) -> None:
    """Have a repeat send a second message, with a receive count of one."""
    play.pay_without_an_answer()
    play.world.age(play.client.refund_id, 2 * _DAY)
    play.world.gateway.forget_keys()
    play.world.queue.waiting.clear()
    play.watch.message_may_be_away = True
    play.client.repeat(play.stage.helper, TIMEOUT_S, 1)
    play.watch.message_may_be_away = False


def at_once_while_paying(play: Play) -> None:
    """Let two Processors order the payment side by side."""
    _at_once(play, "POST")


def at_once_while_writing(play: Play) -> None:
    """Let two Processors pay and then write side by side."""
    _at_once(play, "BatchExecuteStatement")


def at_once_with_different_limits(play: Play) -> None:
    """Let one of them be of a version in which the refund would be rejected."""
    _at_once(play, "BatchExecuteStatement", limit="10")


def _at_once(play: Play, operation: str, *, limit: str = "1000") -> None:
    """Deliver twice at once; what is held is performed when both have asked for it."""
    queue, wire = play.world.queue, play.world.wire
    processors = [play.mapping.processor, play.start(limit=limit)]
    queue.waiting += play.copies(1)
    # Held until both are there: none of them may give up before.
    wire.inject(operation, _HELD, len(processors), lambda: 0)
    batches = []
    for message, processor in zip(queue.receive(), processors, strict=True):
        processor.begin("processor", event_of([message]), TIMEOUT_S)
        batches.append([message])
    if not wire.await_held(len(processors)):
        play.watch.breaks("the fault was met", f"{operation} was not called twice")
    wire.heal()
    ended = [processor.end() for processor in processors]
    for batch, end in zip(batches, ended, strict=True):
        play.mapping.done(batch, end)


def clients_at_once(play: Play) -> None:
    """Let a request reach two Receivers at once, which store side by side."""
    receivers = [play.start(), play.start()]
    client = Client(play.watch)
    wire = play.world.wire
    wire.inject("PutItem", _HELD, 2, lambda: 0)
    for receiver in receivers:
        receiver.begin("receiver", client.request(), TIMEOUT_S)
    if not wire.await_held(2):
        play.watch.breaks("the fault was met", "PutItem was not called twice")
    wire.heal()
    statuses = {client.told(one.end(), TIMEOUT_S) for one in receivers}
    if statuses != {ACCEPTED}:
        play.watch.breaks("a repeat is accepted", f"{statuses}")


def little_time_left(play: Play) -> None:
    """Invoke with less time than the calls may take."""
    for timeout_s in (0.0, 0.3, 0.9):
        play.mapping.timeout_s = timeout_s
        play.mapping.deliver()


def pending_for_days(play: Play) -> None:
    """Let the gateway be done after the DLQ, and forget the key meanwhile."""
    play.world.gateway.set_mode("pending", order_id_prefix=play.client.order_id)
    play.mapping.drain()
    play.world.age(play.client.refund_id, 2 * _DAY)
    play.world.gateway.forget_keys()
    play.world.gateway.clear_modes()


def a_replayed_500(play: Play) -> None:
    """Let it pay, and say 500 for as long as it knows the key."""
    play.world.gateway.set_mode("save_500", order_id_prefix=play.client.order_id)
    play.mapping.deliver()
    play.world.gateway.clear_modes()


def secret_rotated(play: Play) -> None:
    """Refuse the former secret from one call to the next."""
    play.world.rotate()


def secret_rotated_while_unanswered(play: Play) -> None:
    """Rotate it between the payment and the look-up."""
    play.pay_without_an_answer()
    play.world.rotate()


def gateway_demands_before_the_secret_says(play: Play) -> None:
    """Refuse what Secrets Manager still says, until it says the new one."""
    play.world.gateway.demand("Bearer not yet there")
    for _ in range(3):
        play.mapping.deliver()
    play.world.rotate()


_SCENARIOS: tuple[Callable[[Play], None], ...] = (
    doubled_in_one_batch,
    delivered_again_after_the_final_state,
    delivered_days_after_the_final_state,
    out_of_order,
    late,
    late_without_look_up,
    redriven_after_the_key_was_forgotten,
    redriven_without_look_up_after_the_key_was_forgotten,
    redriven_near_the_end_of_the_keys_life,
    repeated_by_the_client_after_the_key_was_forgotten,
    at_once_while_paying,
    at_once_while_writing,
    at_once_with_different_limits,
    clients_at_once,
    little_time_left,
    pending_for_days,
    a_replayed_500,
    secret_rotated,
    secret_rotated_while_unanswered,
    gateway_demands_before_the_secret_says,
    *SWEEPS,
)
SCENARIOS = {one.__name__.replace("_", "-"): one for one in _SCENARIOS}


def run(stage: Stage, cell: Delivery) -> Finding:
    """Play a scenario to its end: all healed, repeated and redriven."""
    watch = Watch(stage.world)
    stage.world.clear()
    scenario = SCENARIOS[cell.scenario]
    play = Play(stage, watch, warm=cell.start == "warm")
    try:
        scenario(play)
        play.finish()
    finally:
        stage.world.wire.heal()
        play.end()
    return Finding(KEPT, tuple(watch.broken))
