"""The world of the model, in memory: table, queue, gateway and secret, and its time.

The adapters are real; fake is what is foreign: AWS's clients and urllib3's pool.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from botocore.exceptions import ClientError, EndpointConnectionError
from urllib3.exceptions import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable

TABLE = "refunds"
RETENTION = timedelta(hours=24)
# The gateway's clock is ahead of ours: it forgets a key that we think it knows.
_CLOCKS_DIFFER_BY = timedelta(hours=1)
_BEGINNING = datetime(2026, 1, 31, 12, tzinfo=UTC)


class Crash(BaseException):
    """The function's process is killed: nothing may catch it."""


@dataclass(slots=True)
class Trouble:
    """What happens at the next call of an operation.

    `how`: "fails before", "fails after", "crashes before" or "crashes after" it was
    performed; or `meanwhile` is done, and then it is performed.
    """

    operation: str
    how: str
    meanwhile: Callable[[], None] = lambda: None


@dataclass(slots=True)
class Calls:
    """Every call of the functions comes through here, and may meet its trouble."""

    trouble: Trouble | None = None

    def make[Answer](
        self, operation: str, perform: Callable[[], Answer], failure: Exception
    ) -> Answer:
        """Perform a call, unless it meets trouble."""
        trouble = self.trouble
        if trouble is None or trouble.operation != operation:
            return perform()
        self.trouble = None
        trouble.meanwhile()
        if trouble.how == "meanwhile":
            return perform()
        if trouble.how.endswith("after"):
            perform()
        raise Crash if trouble.how.startswith("crashes") else failure


_LOST = EndpointConnectionError(endpoint_url="memory")


@dataclass(slots=True)
class Clock:
    """Time that passes when a rule says so."""

    at: datetime = _BEGINNING

    def reset(self) -> None:
        """Begin anew."""
        self.at = _BEGINNING

    def pass_by(self, time: timedelta) -> None:
        """Let time pass."""
        self.at += time

    def now(self, _zone: object = None) -> datetime:
        """Return the time, as ``datetime.now``."""
        return self.at

    def fromisoformat(self, text: str) -> datetime:
        """Read a time, as ``datetime.fromisoformat``."""
        return datetime.fromisoformat(text)

    def time(self) -> float:
        """Return the time, as ``time.time``."""
        return self.at.timestamp()

    def sleep(self, _seconds: float) -> None:
        """Wait, as ``time.sleep``: it takes no time here."""


@dataclass(slots=True)
class FakeDynamoDb:
    """One table; conditions hold where they are stated, and nowhere else."""

    calls: Calls
    items: dict[str, dict[str, Any]] = field(default_factory=dict)

    def put_item(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401 - boto3's
        """Store an item."""
        return self.calls.make("store", lambda: self._put(**asked), _LOST)

    def _put(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
        item, condition = asked["Item"], asked.get("ConditionExpression")
        key = item["PK"]["S"]
        if key in self.items and condition == "attribute_not_exists(PK)":
            error = {"Code": "ConditionalCheckFailedException", "Message": "there"}
            told: Any = {"Error": error, "Item": self.items[key]}
            raise ClientError(told, "PutItem")
        self.items[key] = item
        return {}

    def batch_get_item(self, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        """Read items; all are processed."""
        keys = [one["PK"]["S"] for one in RequestItems[TABLE]["Keys"]]
        found = [self.items[key] for key in keys if key in self.items]
        answer = {"Responses": {TABLE: found}, "UnprocessedKeys": {}}
        return self.calls.make("load", lambda: answer, _LOST)

    def batch_execute_statement(
        self,
        Statements: list[dict[str, Any]],  # noqa: N803
    ) -> dict[str, Any]:
        """Update items, each by a statement."""
        return self.calls.make(
            "write",
            lambda: {"Responses": [self._update(one) for one in Statements]},
            _LOST,
        )

    def _update(self, statement: dict[str, Any]) -> dict[str, Any]:
        changes, conditions = statement["Statement"].split(" WHERE ")
        names = re.findall(r'SET "(\w+)" = \?', changes)
        required = re.findall(r'"(\w+)" = \?', conditions)
        values = statement["Parameters"]
        wanted = dict(zip(required, values[len(names) :], strict=True))
        item = self.items.get(wanted["PK"]["S"], {})
        if any(item.get(name) != value for name, value in wanted.items()):
            stored = {"Item": item} if item else {}
            return {"Error": {"Code": "ConditionalCheckFailed", **stored}}
        self.items[wanted["PK"]["S"]] = item | dict(zip(names, values, strict=False))
        return {"TableName": TABLE}


@dataclass(slots=True)
class Message:
    """A message, and how often it was received since it was sent or redriven."""

    refund_id: str
    receives: int = 0


@dataclass(slots=True)
class FakeSqs:
    """The queue and its DLQ."""

    calls: Calls
    waiting: list[Message] = field(default_factory=list)
    dead: list[Message] = field(default_factory=list)

    def send_message(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401 - boto3's
        """Send a message."""

        def send() -> dict[str, Any]:
            refund_id = json.loads(asked["MessageBody"])["refundId"]
            self.waiting.append(Message(refund_id))
            return {"MessageId": str(uuid4())}

        return self.calls.make("send", send, _LOST)


@dataclass(slots=True)
class FakeSecretsManager:
    """The secret."""

    calls: Calls
    value: str = "Bearer 1"

    def get_secret_value(self, SecretId: str) -> dict[str, Any]:  # noqa: N803 - boto3's
        """Read the secret."""
        del SecretId  # there is one
        told = {"SecretString": json.dumps({"authorization": self.value})}
        return self.calls.make("read the secret", lambda: told, _LOST)


@dataclass(slots=True)
class Order:
    """What the gateway knows of a refund, for good."""

    payments: int = 0
    settled: bool = False


@dataclass(slots=True)
class Answer:
    """An answer as urllib3 has it."""

    status: int
    body: bytes

    def read(self, _most: int) -> bytes:
        """Return the body."""
        return self.body

    def close(self) -> None:
        """Close the connection."""

    def release_conn(self) -> None:
        """Give the connection back."""


_BABBLE = b'{"status": "received", "reference": "re-0"}'


@dataclass(slots=True)
class FakeGateway:
    """Keeps docs/gateway-contract.md as the worst provider does; it is its own pool."""

    calls: Calls
    clock: Clock
    demanded: str = "Bearer 1"
    # down; pending: nothing is settled; replaying: an error is saved for the keys used;
    # babbling: no outcome is named.
    mood: str = "well"
    orders: dict[str, Order] = field(default_factory=dict)
    _keys: dict[str, datetime] = field(default_factory=dict)
    _replayed: set[str] = field(default_factory=set)

    def request(
        self,
        method: str,
        url: str,
        *,
        body: bytes,
        headers: dict[str, str],
        **_: object,
    ) -> Answer:
        """Answer a request."""
        operation = "pay" if method == "POST" else "look up"

        def answer() -> Answer:
            if self.mood == "down":
                return Answer(503, b"")
            if headers.get("Authorization") != self.demanded:
                return Answer(401, b"{}")
            if method == "GET":
                return self._look_up(url.rpartition("/")[2])
            return self._pay(headers["Idempotency-Key"], json.loads(body))

        return self.calls.make(operation, answer, ProtocolError("reset"))

    def forget_keys(self) -> None:
        """Forget all keys that are old enough to be forgotten."""
        kept = RETENTION - _CLOCKS_DIFFER_BY
        self._keys = {
            key: at for key, at in self._keys.items() if self.clock.at - at < kept
        }

    def _pay(self, key: str, ordered: dict[str, str]) -> Answer:
        if self.mood == "babbling":
            return Answer(200, _BABBLE)
        if ordered["orderId"].startswith("declined"):
            return Answer(402, b'{"status": "declined", "reason": "no"}')
        order = self.orders.setdefault(key, Order())
        if key not in self._keys:
            self._keys[key] = self.clock.at
            self._replayed.discard(key)
            order.payments += 1
            if self.mood == "replaying":
                order.settled = True
                self._replayed.add(key)
        if key in self._replayed:
            return Answer(500, b"{}")
        return self._tell(key, order)

    def _look_up(self, refund_id: str) -> Answer:
        if self.mood == "babbling":
            return Answer(200, _BABBLE)
        order = self.orders.get(refund_id)
        return self._tell(refund_id, order) if order else Answer(404, b"{}")

    def _tell(self, refund_id: str, order: Order) -> Answer:
        if self.mood == "pending" and not order.settled:
            return Answer(200, b'{"status": "pending"}')
        order.settled = True
        told = {"status": "succeeded", "reference": f"re-{refund_id}"}
        return Answer(200, json.dumps(told).encode())
