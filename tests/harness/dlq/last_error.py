"""Why a message failed, as far as its consumer's log tells."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types_boto3_logs import CloudWatchLogsClient

LEVELS = frozenset({"WARNING", "ERROR", "CRITICAL"})
# Where loggers put the reason that belongs to a line's message.
_REASONS = ("cause", "error", "exception")
# "ok" or "1" would be found in lines about something else.
_TELLING_CHARACTERS = 8


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of JSON that says something went wrong."""

    timestamp_ms: int
    fields: dict[str, object]

    def __str__(self) -> str:
        """Return the line's message and reason."""
        said = str(self.fields.get("message", "no message"))
        reasons = (self.fields.get(name) for name in _REASONS)
        return ": ".join([said, *(text for text in reasons if isinstance(text, str))])


def last_error(
    logs: "CloudWatchLogsClient",
    log_groups: Iterable[str],
    values: Iterable[str],
    since: datetime,
) -> LogLine | None:
    """Return the latest such line that has one of ``values``; None without one."""
    telling = [value for value in values if len(value) >= _TELLING_CHARACTERS]
    lines = [
        line
        for log_group in log_groups
        for value in telling
        for line in _lines(logs, log_group, value, since)
        if line.fields.get("level") in LEVELS and value in line.fields.values()
    ]
    return max(lines, key=lambda line: line.timestamp_ms, default=None)


def _lines(
    logs: "CloudWatchLogsClient", log_group: str, value: str, since: datetime
) -> list[LogLine]:
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=log_group,
        startTime=int(since.timestamp() * 1000),
        filterPattern=json.dumps(value),
    )
    lines = []
    try:
        for event in (event for page in pages for event in page["events"]):
            fields = _json_object(event["message"])
            lines.append(LogLine(event["timestamp"], fields))
    except logs.exceptions.ResourceNotFoundException:
        return []  # a function that never ran has no log
    return lines


def _json_object(text: str) -> dict[str, object]:
    try:
        parsed: object = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}
