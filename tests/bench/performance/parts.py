"""What the pieces of our own function take: where its time goes, and what was tried."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING

from bench.performance import cases, subjects

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bench.performance.measure import Bench

ROUNDS = 9
WORKER = subjects.HERE / "part_worker.py"
# The worker's functions.
JOBS = ("start", "signer", "lines", "records")


@dataclass(frozen=True, slots=True)
class Part:
    """A figure: ``scale`` turns seconds into its unit; a share is of another part."""

    name: str
    title: str
    unit: str
    whole: str | None = None

    @property
    def scale(self) -> float:
        """What a second is, in the unit."""
        return {"ms": 1e3, "µs": 1e6}[self.unit]


PARTS = (
    Part("start_whole", "Receiver's cold start", "ms"),
    Part("start_botocore", "… importing botocore", "ms", "start_whole"),
    Part("start_powertools", "… importing Powertools", "ms", "start_whole"),
    Part("start_clients", "… creating two clients", "ms", "start_whole"),
    Part("start_ours", "… the service's own modules", "ms", "start_whole"),
    Part("start_request", "… the first request", "ms", "start_whole"),
    Part("signer_alone", "Importing botocore's signer, credentials and HTTP session "
         "without its client", "ms", "start_botocore"),
    Part("log_line", "A log line", "µs"),
    Part("metrics_line", "A counter and its metrics line", "µs"),
    Part("frozen_dataclass", "Making a frozen, slotted dataclass of five fields", "µs"),
    Part("named_tuple", "Making a named tuple of five fields", "µs",
         "frozen_dataclass"),
)  # fmt: skip

# Part -> its median in the part's unit.
type Found = dict[str, float]


def measure(
    bench: Bench, number_of_rounds: int, on_progress: Callable[[str], None]
) -> Found:
    """Return the medians of fresh processes, taken in turn."""
    [ours] = [subject for subject in bench.built if subject.name == subjects.OURS]
    samples: dict[str, list[float]] = defaultdict(list)
    for number in range(number_of_rounds):
        on_progress(f"the parts, round {number + 1} of {number_of_rounds}")
        for name in JOBS:
            job = subjects.Job("receiver", [cases.a_post()])
            part = replace(ours, handlers={"receiver": name})
            taken = subjects.run(part, job, bench.stub, bench.scratch, WORKER)
            for piece, seconds in taken.items():
                samples[piece].append(seconds)
    return {
        part.name: round(median(samples[part.name]) * part.scale, 2) for part in PARTS
    }


def rows(found: Mapping[str, float]) -> list[tuple[str, str, str]]:
    """Return title, figure and share of each part."""
    titles = {part.name: part.title.removeprefix("… ") for part in PARTS}
    return [
        (
            part.title,
            f"{found[part.name]:.3g} {part.unit}",
            f"{_share(part, found):.0%} of {_of(titles[part.whole])}"
            if part.whole
            else "",
        )
        for part in PARTS
    ]


def _share(part: Part, found: Mapping[str, float]) -> float:
    [whole] = [one for one in PARTS if one.name == part.whole]
    return found[part.name] / part.scale / (found[whole.name] / whole.scale)


def _of(title: str) -> str:
    """Write a title in the middle of a sentence."""
    named = title.startswith(("INIT", "Receiver"))
    return title if named else title[:1].lower() + title[1:]
