"""CloudWatch Logs that a long run does not fill: what was logged is kept packed.

moto keeps an object and a text for each event, and LocalStack copies all of them to
list the groups.
"""

import pickle
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from localstack.services.logs.models import get_moto_logs_backend
from localstack.services.logs.provider import LogsProvider
from localstack.services.moto import MotoFallbackDispatcher

type Untyped = Any  # LocalStack is

dispatcher = MotoFallbackDispatcher  # moto answers the rest
_TOGETHER = 100


class Events:
    """A stream's events in their order; all but the last two hundred are packed.

    The seven of a refund take 0.3 KB so, else 3.4.
    """

    def __init__(self, events: Iterable[object]) -> None:
        self._packed: list[bytes] = []
        self._last: list[object] = []
        self += events

    def __iadd__(self, events: Iterable[object]) -> "Events":  # noqa: PYI034 - of no use to subclasses
        self._last += events
        while len(self._last) >= 2 * _TOGETHER:
            packed, self._last = self._last[:_TOGETHER], self._last[_TOGETHER:]
            self._packed.append(zlib.compress(pickle.dumps(packed)))
        return self

    def __len__(self) -> int:
        return len(self._packed) * _TOGETHER + len(self._last)

    def __iter__(self) -> Iterator[object]:
        for packed in self._packed:
            yield from pickle.loads(zlib.decompress(packed))  # noqa: S301 - our own
        yield from self._last


class Provider(LogsProvider):  # type: ignore[misc] # LocalStack is untyped
    """LocalStack's, with packed events."""

    def put_log_events(self, context: Untyped, **asked: Untyped) -> object:
        """Take events; from the first on, a stream keeps them packed."""
        answer = super().put_log_events(context, **asked)
        groups = get_moto_logs_backend(context.account_id, context.region).groups
        stream = groups[asked["log_group_name"]].streams[asked["log_stream_name"]]
        if not isinstance(stream.events, Events):
            stream.events = Events(stream.events)
        return answer
