"""All measurements, interleaved: each round runs every subject once, in turn.

What disturbs the machine disturbs all subjects alike, so their ratios stay.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.performance import cases, subjects
from bench.performance.stub import LATENCIES_MS, running
from sam_harness.errors import HarnessError
from service.checkout import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from bench.performance.stub import Stub
    from bench.performance.subjects import Event, Job, Subject

COLD_ROUNDS = 21
WARM_ROUNDS = 9
UNGATED_ROUNDS = 5  # of what no gate judges, at most
WALL_ROUNDS = 3  # each has several batches per latency
REQUESTS = 60  # of a block; a process runs several
BLOCKS = 4
BATCH = 10
GATED_LATENCY_MS = 4
BATCHES = {1: 30, BATCH: 12}  # of a block, by the records of a batch
WALL_BATCHES = {0: 3, GATED_LATENCY_MS: 10, 8: 3}  # of a process, by the latency

# Metric -> subject -> samples.
type Samples = dict[str, dict[str, list[float]]]


@dataclass(frozen=True, slots=True)
class Bench:
    """The subjects, and where they run."""

    built: list[Subject]
    stub: Stub
    scratch: Path

    def run(self, job: Job, subject: Subject) -> dict[str, Any]:
        """Run a job, with the table empty before it; all must have gone well."""
        self.stub.take_state()
        if job.role != "receiver":
            events = [event for block in (job.first, *job.blocks) for event in block]
            ids = [one for event in events for one in _ids(event)]
            self.stub.seed([cases.an_item(refund_id=one) for one in ids])
        measured = subjects.run(subject, job, self.stub, self.scratch)
        _must_succeed(job, measured)
        measured["aws_requests"] = self.stub.take_state()["requests"]
        return measured


def _must_succeed(job: Job, measured: dict[str, Any]) -> None:
    """Refuse a measurement in which anything was not accepted, decided or read.

    Raises:
        HarnessError: an answer was another one.
    """
    expected = {"receiver": 202, "reader": 200}.get(job.role)
    for answer in measured["answers"]:
        if answer.get("statusCode") != expected or answer.get("batchItemFailures"):
            raise HarnessError(f"{job.role} answered {answer} while it was measured")


@contextmanager
def ready(scratch: Path, template: Path = ROOT / "template.yaml") -> Iterator[Bench]:
    """Build all subjects, ours from the template; run the stub until the block ends."""
    built = subjects.build(scratch, template)
    with running(scratch) as stub:
        yield Bench(built, stub, scratch)


type Measured = Iterator[tuple[str, float]]
type Measurement = Callable[[Bench, Subject], Measured]


def measure(
    bench: Bench, cold_rounds: int, warm_rounds: int, on_progress: Callable[[str], None]
) -> Samples:
    """Return all samples; the times are in seconds, the memory in KiB."""
    wanted: dict[Measurement, int] = {
        _cold: cold_rounds,
        **dict.fromkeys(_COLD_UNGATED, min(cold_rounds, UNGATED_ROUNDS)),
        **dict.fromkeys(_WARM, warm_rounds),
        _processor_wall: min(warm_rounds, WALL_ROUNDS),
    }
    planned = [
        [one for one, times in wanted.items() if number < times]
        for number in range(max(wanted.values()))
    ]
    return rounds(bench, planned, on_progress)


def rounds(
    bench: Bench,
    planned: Sequence[Sequence[Measurement]],
    on_progress: Callable[[str], None] = lambda _: None,
) -> Samples:
    """Return the samples of these measurements, round by round."""
    samples: Samples = defaultdict(lambda: defaultdict(list))
    for number, measurements in enumerate(planned):
        on_progress(f"round {number + 1} of {len(planned)}")
        # No subject is always the first, or always behind the same other.
        turn = number % len(bench.built)
        for one in measurements:
            for subject in (*bench.built[turn:], *bench.built[:turn]):
                for metric, value in one(bench, subject):
                    samples[metric][subject.name].append(value)
    return samples


def _cold_start(
    suffix: str = "", *, tls: bool = False, bytecode: bool = True
) -> Measurement:
    """Return the measurement of a fresh process and its first request."""

    def taken(bench: Bench, subject: Subject) -> Measured:
        job = subjects.Job("receiver", [cases.a_post()], tls=tls, bytecode=bytecode)
        measured = bench.run(job, subject)
        yield f"receiver_cold_cpu{suffix}", measured["cold_cpu_s"]
        yield f"receiver_cold_wall{suffix}", measured["cold_wall_s"]
        if tls:
            yield f"receiver_first_wall{suffix}", measured["first_wall_s"]

    return taken


def _warm_receiver(bench: Bench, subject: Subject) -> Measured:
    blocks = [[cases.a_post()] * REQUESTS] * BLOCKS
    first = [cases.a_post()] * 20
    measured = bench.run(subjects.Job("receiver", first, blocks), subject)
    requests = len(first) + REQUESTS * BLOCKS
    yield "receiver_aws_requests", measured["aws_requests"] / requests
    for cpu_s, _ in measured["blocks"]:
        yield "receiver_warm_cpu", cpu_s / REQUESTS
    yield "receiver_peak_memory", measured["peak_kib"]


def _warm_reader(bench: Bench, subject: Subject) -> Measured:
    event = cases.a_get(cases.an_item()["refundId"]["S"])
    job = subjects.Job("reader", [event] * 20, [[event] * REQUESTS] * BLOCKS)
    for cpu_s, _ in bench.run(job, subject)["blocks"]:
        yield "reader_warm_cpu", cpu_s / REQUESTS


def _batches(count: int, size: int) -> list[Event]:
    return [cases.a_batch([cases.an_item() for _ in range(size)]) for _ in range(count)]


def _processor_cpu(bench: Bench, subject: Subject) -> Measured:
    for size, count in BATCHES.items():
        blocks = [_batches(count, size) for _ in range(BLOCKS)]
        job = subjects.Job("processor", _batches(3, size), blocks)
        measured = bench.run(job, subject)
        if size == BATCH:
            requests = measured["aws_requests"] / (3 + count * BLOCKS)
            yield "processor_aws_requests", requests
        for cpu_s, _ in measured["blocks"]:
            yield f"processor_cpu_of_{size}", cpu_s / (count * size)


def _processor_wall(bench: Bench, subject: Subject) -> Measured:
    for latency_ms in LATENCIES_MS:
        # A block each, so that one disturbed batch does not spoil the others.
        blocks = [_batches(1, BATCH) for _ in range(WALL_BATCHES[latency_ms])]
        job = subjects.Job("processor", _batches(2, BATCH), blocks, latency_ms)
        for _, wall_s in bench.run(job, subject)["blocks"]:
            yield f"processor_wall_at_{latency_ms}_ms", wall_s


_cold = _cold_start()
_COLD_UNGATED = (
    _cold_start("_without_bytecode", bytecode=False),
    _cold_start("_over_tls", tls=True),
)
_WARM = (_warm_receiver, _warm_reader, _processor_cpu)
# What is enough to measure where only one gate is of interest.
OF_GATE: Mapping[str, Measurement] = {
    "receiver_cold_cpu": _cold,
    "receiver_warm_cpu": _warm_receiver,
    "receiver_aws_requests": _warm_receiver,
    "processor_aws_requests": _processor_cpu,
    "processor_cpu_of_10": _processor_cpu,
    "processor_wall_at_4_ms": _processor_wall,
}


def _ids(event: Event) -> list[str]:
    if "Records" not in event:
        return [event["pathParameters"]["refundId"]]
    return [record["messageId"].partition("-")[2] for record in event["Records"]]
