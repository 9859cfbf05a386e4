"""Which documented answers were seen through the local gateway, and which elsewhere."""

import json
from collections.abc import Mapping
from pathlib import Path

from service.contract import contract

FILE = Path("contract") / "coverage.json"
# API Gateway's own, which no call of these suites provokes: that they are given is seen
# by tests/integration/test_limits.py and the harness's own.
NOT_PROVABLE = frozenset({413, 429, 500, 502, 504})

# API Gateway's own as well: no unit test gets it.
BY_API_GATEWAY = frozenset({403})

type Seen = Mapping[str, Mapping[str, int]]


def seen_by_gateway(reports: Path) -> Seen:
    """Return operation -> status -> how often the contract's run got it."""
    file = reports / FILE
    found: Seen = json.loads(file.read_text()) if file.exists() else {}
    return found


def rows(seen: Seen) -> list[tuple[str, int, str]]:
    """Return operation, status and how it was proven, for each documented answer."""
    return [
        (operation.name, status, _how(seen.get(operation.name, {}), status))
        for operation in contract().operations.values()
        for status in sorted(operation.statuses)
    ]


def _how(seen: Mapping[str, int], status: int) -> str:
    if times := seen.get(str(status)):
        return f"{times:,} times through the local gateway"
    if status in NOT_PROVABLE:
        return "not provable here: held against the template"
    return "not seen in this run" if status in BY_API_GATEWAY else "by unit tests"
