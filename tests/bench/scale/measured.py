"""What a load run on the local stack measured, kept for the page."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from scale.comparison import Comparison

PATH = Path(__file__).with_name("measured.json")


@dataclass(frozen=True, slots=True)
class Measured:
    """The kept run: its day, a full batch's times, log volume and comparisons."""

    day: str
    batch_s: float
    refused_batch_s: float
    log_bytes_per_refund: float
    comparisons: tuple[Comparison, ...]


def keep(measured: Measured) -> None:
    """Write the run to the repository."""
    PATH.write_text(json.dumps(asdict(measured), indent=2) + "\n")


def kept() -> Measured:
    """Return the run that was kept last."""
    found = json.loads(PATH.read_text())
    found["comparisons"] = tuple(Comparison(**one) for one in found["comparisons"])
    return Measured(**found)
