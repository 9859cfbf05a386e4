"""What the emulator keeps and does nothing with: a green run says nothing about it.

What it drops, the harness finds out itself (``sam_harness.localstack.stacks``), and
leaves beside the other reports of a run.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

# By the parameter that sets it.
LEVERS: Mapping[str, str] = {
    "QuotaPerDay": "kept, but no request is counted",
    "ThrottleBurst": "kept, but no request is answered 429",
    "ThrottleRate": "kept, but no request is answered 429",
}


def lines() -> Iterator[str]:
    """Return one line per lever."""
    for name, reason in LEVERS.items():
        yield f"parameter {name}: {reason}"


def told(reports: Path) -> list[str]:
    """Return what the last run with an emulator could not show, as it was listed."""
    listed = reports / "not-provable.json"
    found = json.loads(listed.read_text()) if listed.exists() else []
    return sorted({*lines(), *found})
