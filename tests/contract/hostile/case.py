"""One hostile request, and short ways to write many of them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

# Where a client may put what is private: no log may repeat it.
SECRET = "s3cret-4a6f1d0c"  # noqa: S105 - looked for, not used
JSON = (("Content-Type", "application/json"),)

type Header = tuple[str, str | bytes]


@dataclass(frozen=True, slots=True)
class HostileRequest:
    """A request with the status codes that the contract gives it.

    ``target`` is what follows the stage in the request line, and ``operation`` the
    contract's name of what is asked for; without one API Gateway itself must answer.
    """

    kind: str
    name: str
    expected: frozenset[int]
    method: str
    target: str
    headers: tuple[Header, ...]
    body: bytes
    operation: str | None
    sends_key: bool = True

    def __str__(self) -> str:
        return f"{self.kind}: {self.name}"


def post(
    kind: str,
    name: str,
    body: bytes | str,
    *expected: int,
    headers: tuple[Header, ...] = JSON,
    more: tuple[Header, ...] = (),
) -> HostileRequest:
    """Return a POST /refunds of this very body; ``more`` headers follow the others."""
    whole = body.encode() if isinstance(body, str) else body
    return HostileRequest(
        kind, name, frozenset(expected), "POST", "/refunds", headers + more, whole,
        "createRefund",
    )  # fmt: skip


def listing(kind: str, name: str, query: str, *expected: int) -> HostileRequest:
    """Return a GET /refunds with this query, encoded as it shall be sent."""
    return HostileRequest(
        kind, name, frozenset(expected), "GET", f"/refunds?{query}", (), b"",
        "listRefunds",
    )  # fmt: skip


def reading(kind: str, name: str, refund_id: str, *expected: int) -> HostileRequest:
    """Return a GET of /refunds/{refundId}, encoded as it shall be sent."""
    return HostileRequest(
        kind, name, frozenset(expected), "GET", f"/refunds/{refund_id}", (), b"",
        "getRefund",
    )  # fmt: skip


def elsewhere(
    kind: str, name: str, method: str, target: str, *expected: int
) -> HostileRequest:
    """Return a request that is for API Gateway to refuse."""
    return HostileRequest(
        kind, name, frozenset(expected), method, target, JSON, b"{}", None
    )


def refund(raw: dict[str, str] | None = None, /, **fields: object) -> str:
    """Return a valid body but for these fields; ``raw`` ones are JSON as they stand."""
    whole = {"orderId": "HOSTILE-1", "amount": 1, "reason": SECRET} | fields
    members = {name: json.dumps(value) for name, value in whole.items()} | (raw or {})
    return "{" + ", ".join(f'"{name}": {text}' for name, text in members.items()) + "}"


def named[T](values: Iterable[T]) -> Iterable[tuple[str, T]]:
    """Yield each value with a short name that tells it from the others."""
    for number, value in enumerate(values):
        yield f"{number} {ascii(value)[:40]}", value
