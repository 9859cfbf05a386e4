"""From samples to what is reported: medians, minima, ratios, and the gates on them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from statistics import median
from typing import TYPE_CHECKING

from bench.performance.subjects import OURS, PEER

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bench.performance.measure import Samples


@dataclass(frozen=True, slots=True)
class Metric:
    """What is measured: ``scale`` turns a sample into the unit that is shown."""

    name: str
    title: str
    unit: str
    scale: float


def _ms(name: str, title: str) -> Metric:
    return Metric(name, title, "ms", 1000)


METRICS = (
    _ms("receiver_cold_cpu", "Receiver, cold: CPU"),
    _ms("receiver_cold_wall", "Receiver, cold: wall"),
    _ms("receiver_cold_cpu_without_bytecode", "… without bytecode: CPU"),
    _ms("receiver_cold_wall_without_bytecode", "… without bytecode: wall"),
    _ms("receiver_cold_cpu_over_tls", "… over TLS: CPU"),
    _ms("receiver_cold_wall_over_tls", "… over TLS: wall"),
    _ms("receiver_first_wall_over_tls", "… over TLS: first request, wall"),
    _ms("receiver_warm_cpu", "Receiver, warm: CPU per request"),
    Metric("receiver_aws_requests", "Receiver: AWS requests per request", "", 1),
    Metric("receiver_peak_memory", "Receiver: peak memory", "MiB", 1 / 1024),
    Metric("artefact_size", "Artefact, zipped", "MB", 1 / 1_000_000),
    _ms("reader_warm_cpu", "Reader, warm: CPU per request"),
    _ms("processor_cpu_of_1", "Processor, batch of 1: CPU per record"),
    _ms("processor_cpu_of_10", "Processor, batch of 10: CPU per record"),
    Metric("processor_aws_requests", "Processor, batch of 10: AWS requests", "", 1),
    _ms("processor_wall_at_0_ms", "Processor, batch of 10: wall, no latency"),
    _ms("processor_wall_at_4_ms", "Processor, batch of 10: wall, 4 ms latency"),
    _ms("processor_wall_at_8_ms", "Processor, batch of 10: wall, 8 ms latency"),
)


@dataclass(frozen=True, slots=True)
class Summary:
    """One subject's samples of one metric, in the metric's unit."""

    median: float
    minimum: float
    samples: int


type Results = dict[str, dict[str, Summary]]


# Metric -> the most that ours may take of what peer_usual takes.
GATES = {
    "receiver_cold_cpu": 0.45,
    "receiver_warm_cpu": 0.70,
    "processor_cpu_of_10": 0.60,
    # Counted, not timed: one call more is seen on any machine.
    "receiver_aws_requests": 1.00,
    "processor_aws_requests": 0.10,
    "processor_wall_at_4_ms": 0.35,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """A metric with a gate, and the ratio that was measured."""

    metric: str
    measured: float

    @property
    def bound(self) -> float:
        """The gate's bound."""
        return GATES[self.metric]

    @property
    def holds(self) -> bool:
        """Whether the ratio is within the bound."""
        return self.measured <= self.bound

    def __str__(self) -> str:
        """Name the gate, the ratio and the bound."""
        said = "holds" if self.holds else "FAILS"
        measured = f"{self.metric} {said}: {self.measured:.2f} of {PEER}"
        return f"{measured}, at most {self.bound:.2f}"


def summarise(samples: Samples) -> Results:
    """Return medians and minima in each metric's unit."""
    return {
        metric.name: {
            subject: Summary(
                round(median(values) * metric.scale, 4),
                round(min(values) * metric.scale, 4),
                len(values),
            )
            for subject, values in samples[metric.name].items()
        }
        for metric in METRICS
        if metric.name in samples
    }


def ratio(results: Results, metric: str, other: str = PEER) -> float:
    """Return ours over another's: the smaller of the ratios of medians and minima.

    Disturbances only ever add time, and to one of the two by chance more: a real
    regression is in the medians and in the minima.
    """
    ours, theirs = results[metric][OURS], results[metric][other]
    return min(ours.median / theirs.median, ours.minimum / theirs.minimum)


def verdicts(results: Results) -> list[Verdict]:
    """Judge the results by all gates."""
    return [Verdict(name, ratio(results, name)) for name in GATES if name in results]


def save(results: Results, about: Mapping[str, object], path: Path) -> None:
    """Write results and what is known of their making as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    shown = {
        metric: {subject: asdict(summary) for subject, summary in by_subject.items()}
        for metric, by_subject in results.items()
    }
    store(path, {"about": about, "results": shown})


def store(path: Path, sections: Mapping[str, object]) -> None:
    """Write these sections of a JSON file; its others stay."""
    others: dict[str, object] = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps({**others, **sections}, indent=1) + "\n")


def read(path: Path) -> tuple[Results, dict[str, object]]:
    """Return what ``save`` wrote."""
    stored = json.loads(path.read_text())
    results = {
        metric: {name: Summary(**values) for name, values in by_subject.items()}
        for metric, by_subject in stored["results"].items()
    }
    return results, stored["about"]
