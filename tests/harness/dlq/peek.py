"""``dlq peek``: what waits in the queue, since when, and why."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from harness.dlq import messages
from harness.dlq.clients import Clients
from harness.dlq.discovery import DeadLetterQueue, consumer_log_groups
from harness.dlq.last_error import last_error
from harness.dlq.messages import Received

_BODY_CHARACTERS = 80


def peek(clients: Clients, dlq: DeadLetterQueue, limit: int) -> None:
    """Print up to ``limit`` messages, oldest first."""
    seen = messages.look(clients.sqs, dlq.queue.url, limit)
    log_groups = [
        group
        for source in dlq.sources
        for group in consumer_log_groups(clients, source)
    ]
    left = messages.depth(clients.sqs, dlq.queue.url)
    print(f"{dlq.queue.name}: {left}, {len(seen)} shown")
    for message in seen:
        for line in _described(clients, message, log_groups):
            print(line)


def _described(
    clients: Clients, message: Received, log_groups: list[str]
) -> Iterator[str]:
    age = datetime.now(UTC) - message.sent_at
    yield ""
    yield (
        f"{message.message_id}  sent {_age(age)} ago, "
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


def _age(age: timedelta) -> str:
    seconds = max(0, int(age.total_seconds()))
    days, seconds = divmod(seconds, 86400)
    hours, seconds = divmod(seconds, 3600)
    minutes, seconds = divmod(seconds, 60)
    parts = ((days, "d"), (hours, "h"), (minutes, "min"), (seconds, "s"))
    told = [f"{number} {unit}" for number, unit in parts if number]
    return " ".join(told[:2]) or "0 s"
