"""``dlq peek``: what waits in the queue, since when, and why.

Why a message failed is told as far as its consumer's log tells it.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sam_harness.dlq.queues import (
    Clients,
    DeadLetterQueue,
    Received,
    consumer_log_groups,
    depth,
    json_object,
    receive,
    release,
)

if TYPE_CHECKING:
    from types_boto3_logs import CloudWatchLogsClient
    from types_boto3_sqs import SQSClient

# Enough to take in a full queue at ~100 messages per second; it is reset afterwards.
_VISIBILITY_S = 30
_BODY_CHARACTERS = 80
LEVELS = frozenset({"WARNING", "ERROR", "CRITICAL"})
# Where loggers put the reason that belongs to a line's message.
_REASONS = ("cause", "error", "exception")
# "ok" or "1" would be found in lines about something else.
_TELLING_CHARACTERS = 8


def peek(clients: Clients, dlq: DeadLetterQueue, limit: int) -> None:
    """Print up to ``limit`` messages, oldest first."""
    seen = look(clients.sqs, dlq.queue.url, limit)
    log_groups = [
        group
        for source in dlq.sources
        for group in consumer_log_groups(clients, source)
    ]
    left = depth(clients.sqs, dlq.queue.url)
    print(f"{dlq.queue.name}: {left}, {len(seen)} shown")
    for message in seen:
        for line in _described(clients, message, log_groups):
            print(line)


def look(sqs: "SQSClient", url: str, limit: int) -> list[Received]:
    """Return up to ``limit`` messages, oldest first; others see them again at once."""
    seen: dict[str, Received] = {}
    held: list[Received] = []
    try:
        while len(seen) < limit:
            batch = receive(sqs, url, _VISIBILITY_S)
            held += batch
            fresh = {one.message_id: one for one in batch} | seen
            if len(fresh) == len(seen):
                break
            seen = fresh
    finally:
        release(sqs, url, held)
    oldest_first = sorted(seen.values(), key=lambda one: one.sent_at)
    return oldest_first[:limit]


def _described(
    clients: Clients, message: Received, log_groups: list[str]
) -> Iterator[str]:
    age = datetime.now(UTC) - message.sent_at
    yield ""
    yield (
        f"{message.message_id}  sent {told(age)} ago, "
        f"received {message.receives_before} times before this look"
    )
    texts = message.texts()
    for name, text in texts.items():
        yield f"  {name}: {_cut(text)}"
    if not texts:
        yield f"  body: {_cut(message.raw['Body'])}"
    values = [message.message_id, *texts.values()]
    error = last_error(clients.logs, log_groups, values, message.sent_at)
    yield f"  last error: {error or 'not in the log of ' + ', '.join(log_groups)}"


def _cut(text: str) -> str:
    """Show text on one line, control characters escaped: it is not ours."""
    shown = text.encode("unicode_escape").decode() if not text.isprintable() else text
    return shown if len(shown) <= _BODY_CHARACTERS else shown[:_BODY_CHARACTERS] + "…"


def told(age: timedelta) -> str:
    """Return an age with its two largest units: 3 d 4 h."""
    seconds = max(0, int(age.total_seconds()))
    days, seconds = divmod(seconds, 86400)
    hours, seconds = divmod(seconds, 3600)
    minutes, seconds = divmod(seconds, 60)
    parts = ((days, "d"), (hours, "h"), (minutes, "min"), (seconds, "s"))
    units = [f"{number} {unit}" for number, unit in parts if number]
    return " ".join(units[:2]) or "0 s"


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
            fields = json_object(event["message"])
            lines.append(LogLine(event["timestamp"], fields))
    except logs.exceptions.ResourceNotFoundException:
        return []  # a function that never ran has no log
    return lines
