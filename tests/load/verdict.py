"""What must be true of every load, however fast the machine is."""

from collections.abc import Iterator, Sequence
from statistics import median

from load.observed import Observed, Sample

# The functions keep nothing between invocations, and the emulator keeps its refunds and
# their logs: a leak of ours would go on growing while nothing arrives.
FUNCTION_GROWTH = 1.15
EMULATOR_BYTES_PER_REFUND = 512 * 1024
# Memory comes in steps, of which many refunds have a small share each.
MANY, BYTES_OF_ONE_OF_MANY = 1_000, 5 * 1024


def broken(observed: Observed) -> Iterator[str]:
    """Yield each invariant that does not hold, in words."""
    name = observed.scenario.name
    expected = len(observed.scenario.arrivals())
    if len(observed.sent) != expected:
        yield f"{name}: {len(observed.sent)} of {expected} requests were answered"
    refused = [one.status for one in observed.sent if one.status != 202]
    if refused:
        yield f"{name}: {len(refused)} requests were not accepted: {set(refused)}"
    undecided = observed.accepted - observed.decided.keys()
    if undecided:
        yield f"{name}: {len(undecided)} accepted refunds are not decided"
    strange = observed.decided.keys() - observed.accepted
    if strange:
        yield f"{name}: {len(strange)} refunds are decided that were not accepted"
    twice = [one for one, times in observed.payments.items() if times > 1]
    if twice:
        yield f"{name}: {len(twice)} refunds were paid more than once"
    others = [one for one in observed.sent if one.repeat not in {None, one.refund_id}]
    if others:
        yield f"{name}: {len(others)} repeats with the same key got another refund"
    anew = [
        one
        for one in observed.sent
        if observed.stored.get(one.refund_id or "", 0) > one.due_s + one.took_s
    ]
    if anew:
        yield f"{name}: {len(anew)} refunds were stored anew by a repeat"
    unpaid = [one for one in observed.accepted if not observed.payments.get(one)]
    if unpaid:
        yield f"{name}: {len(unpaid)} accepted refunds were not paid"
    last = observed.samples[-1]
    if last.queued or last.dead:
        yield (
            f"{name}: {last.queued} messages are left in the queue,"
            f" {last.dead} in the DLQ"
        )


def leaks(runs: Sequence[Observed]) -> Iterator[str]:
    """Yield what of the memory does not stay flat over all loads together."""
    first, last = _half(runs[0].samples, 1), _half(runs[-1].samples, 1)
    functions = [median(one.function_bytes for one in part) for part in (first, last)]
    if functions[1] > FUNCTION_GROWTH * functions[0]:
        yield (
            f"a function grew from {functions[0] / 1e6:.0f} to"
            f" {functions[1] / 1e6:.0f} MB"
        )
    emulator = [run.emulator_bytes for run in (runs[0], runs[-1])]
    refunds = sum(len(one.accepted) for one in runs[1:]) or 1
    per_refund = (emulator[1] - emulator[0]) / refunds
    few = refunds <= MANY
    if per_refund > (EMULATOR_BYTES_PER_REFUND if few else BYTES_OF_ONE_OF_MANY):
        yield f"the emulator grew by {per_refund / 1024:.0f} KB per refund"


def _half(samples: Sequence[Sample], which: int) -> Sequence[Sample]:
    middle = len(samples) // 2
    return (samples[:middle], samples[middle:])[which]
