"""A client of the API, which repeats what got an error or no answer, with its key."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from faults.clauses import Promised

if TYPE_CHECKING:
    from faults.clauses import Watch
    from faults.environment import Ended, Environment

ACCEPTED, CONFLICT, UNAVAILABLE = 202, 422, 503


def _event(method: str, **fields: object) -> dict[str, object]:
    # Each call with another API key: replacing one changes nothing.
    key = uuid4().hex
    return {
        "httpMethod": method,
        "path": "/refunds",
        "headers": {"Content-Type": "application/json", "x-api-key": key},
        "pathParameters": None,
        "queryStringParameters": None,
        "requestContext": {
            "path": "/test/refunds",
            "requestId": f"request-{key}",
            "identity": {"apiKey": key, "apiKeyId": key},
        },
        "body": None,
        "isBase64Encoded": False,
        **fields,
    }


@dataclass(slots=True)
class Client:
    """Asks for one refund, with one Idempotency-Key; what it is told is watched."""

    watch: Watch
    amount: str = "49.90"
    order_id: str = field(default_factory=lambda: f"order-{uuid4()}")
    key: str | None = field(default_factory=lambda: uuid4().hex)
    promised: Promised = field(init=False)

    def __post_init__(self) -> None:
        # Without a key, nothing is promised to a client who was told 503.
        never_paid = self.key is None
        self.promised = Promised(self.order_id, self.amount, never_paid=never_paid)
        self.watch.promised.append(self.promised)

    @property
    def refund_id(self) -> str:
        """The refund, once it was accepted."""
        if self.promised.refund_id is None:
            raise LookupError(f"{self.order_id} was not accepted")
        return self.promised.refund_id

    def post(
        self, receiver: Environment, timeout_s: float, *, amount: str | None = None
    ) -> int | None:
        """Ask once; return the status, or None without an answer."""
        receiver.begin("receiver", self.request(amount), timeout_s)
        return self.told(receiver.end(), timeout_s, amount=amount)

    def request(self, amount: str | None = None) -> dict[str, object]:
        """Return the event of the request."""
        event = _event("POST")
        key = {"Idempotency-Key": self.key} if self.key else {}
        headers = {"Content-Type": "application/json", **key}
        body = f'{{"orderId": "{self.order_id}", "amount": {amount or self.amount},'
        return event | {
            "headers": {**_texts(event["headers"]), **headers},
            "body": body + ' "reason": "damaged"}',
        }

    def told(
        self, ended: Ended, timeout_s: float, *, amount: str | None = None
    ) -> int | None:
        """Note what the client was told; an answer that breaks the API is noted too."""
        status, body = answer_of(self.watch, ended, timeout_s)
        if status == ACCEPTED:
            refund_id = str(body.get("refundId"))
            known = self.promised.refund_id
            if amount is not None:
                self.watch.breaks("another request is refused", f"{status}")
            elif known not in {None, refund_id}:
                self.watch.breaks("a repeat finds the first refund", refund_id)
            self.promised.refund_id = known or refund_id
        elif status is not None and status not in {CONFLICT, UNAVAILABLE}:
            self.watch.breaks("accepted, or told to repeat", f"{status}")
        return status

    def repeat(
        self, receiver: Environment, timeout_s: float, times: int
    ) -> list[int | None]:
        """Ask until accepted, at most so often; return what was answered."""
        statuses: list[int | None] = []
        while len(statuses) < times and ACCEPTED not in statuses:
            statuses.append(self.post(receiver, timeout_s))
            self.watch.look()
        return statuses


def read(
    watch: Watch,
    reader: Environment,
    timeout_s: float,
    refund_id: str | None,
    order_id: str,
) -> tuple[int | None, dict[str, Any]]:
    """Ask for a refund, or for the order's; return the status and the body."""
    if refund_id is None:
        event = _event("GET", queryStringParameters={"orderId": order_id})
    else:
        event = _event("GET", pathParameters={"refundId": refund_id})
    return answer_of(watch, reader.invoke("reader", event, timeout_s), timeout_s)


# The machine may be busy; an AWS call that hangs takes four seconds and more.
_SLACK_S = 2.0


def answer_of(
    watch: Watch, ended: Ended, timeout_s: float
) -> tuple[int | None, dict[str, Any]]:
    """Return status and body; what is no answer in time is noted."""
    in_time(watch, ended, timeout_s)
    if ended.answer is None:
        return None, {}
    status = int(ended.answer["statusCode"])
    if status == UNAVAILABLE and "Retry-After" not in ended.answer["headers"]:
        watch.breaks("503 says when to try again", "no Retry-After")
    body: dict[str, Any] = json.loads(ended.answer["body"])
    return status, body


def in_time(watch: Watch, ended: Ended, timeout_s: float) -> None:
    """Note an invocation that raised, or that outlasted its time."""
    if ended.error:
        watch.breaks("a function answers", ended.error)
    if ended.elapsed_s > timeout_s + _SLACK_S:
        watch.breaks("a function answers in its time", f"{ended.elapsed_s:.1f} s")


def _texts(value: object) -> dict[str, str]:
    assert isinstance(value, dict)
    return value
