"""How long the local stack takes for a batch: all that the simulation must be told."""

import time
from collections.abc import Callable
from statistics import mean

from harness.polling import wait_until
from scale.local_load import LocalLoad
from scale.local_plan import Calibration

_BATCHES = 8


def calibrate(load: LocalLoad, batch_size: int) -> Calibration:
    """Work off a pile of each kind; takes about half a minute."""
    return Calibration(_decided_s(load, batch_size), _refused_s(load, batch_size))


def between(one: Calibration, other: Calibration) -> Calibration:
    """Return the mean: a machine's other work comes and goes."""
    return Calibration(
        mean((one.decided_s, other.decided_s)),
        mean((one.refused_s, other.refused_s)),
    )


def warm_up(load: LocalLoad, batch_size: int) -> None:
    """Start the processes of both functions."""
    load.answer_slowly()
    with load.piled_up(2 * batch_size):
        pass
    load.await_empty()


def _decided_s(load: LocalLoad, batch_size: int) -> float:
    """Work the pile off while refunds keep coming at the plan's rate."""
    pile = batch_size * _BATCHES
    with load.piled_up(pile):
        load.answer_slowly()
    _await("the first batch to end", lambda: load.queues.depth() < pile)
    began, left = time.monotonic(), load.queues.depth()
    accepted = load.send(lambda: load.queues.depth() > left / 3)
    took_s = time.monotonic() - began
    worked_off = left + len(accepted) - load.queues.depth()
    load.await_empty()
    return took_s * batch_size / worked_off


def _refused_s(load: LocalLoad, batch_size: int) -> float:
    """Count the calls that are refused; afterwards all refunds are decided."""
    before = _calls(load)
    with load.piled_up(batch_size * _BATCHES):
        load.gateway.set_mode("fail")
    _await("the first batch", lambda: _calls(load) >= before + batch_size)
    began, last = time.monotonic(), before + batch_size * (_BATCHES - 1)
    _await("the last batch but one", lambda: _calls(load) >= last)
    took_s = time.monotonic() - began
    load.answer_slowly()
    load.await_empty()
    return took_s / (_BATCHES - 2)


def _calls(load: LocalLoad) -> int:
    return sum(charge.attempts for charge in load.gateway.charges())


def _await(what: str, seen: Callable[[], bool]) -> None:
    wait_until(seen, bool, what=what, timeout_s=60, poll_s=0.01)
