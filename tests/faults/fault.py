"""What can happen to a call between a function and the world."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

type Effect = Literal["none", "done", "late"]
type Does = Literal[
    "answers",  # with `status` and `body` instead of the real answer
    "resets",  # the connection
    "hangs",  # until the function has given up
    "holds",  # until the cell says so; then it is answered
    "cuts",  # the last byte of the answer off
    "trickles the head",
    "trickles the body",
    "kills",  # the function's process
    "halves",  # a batch: only the first part is performed, and the answer says so
    "doubts",  # a batch: all of it is performed, and the answer denies the last part
    "shortens",  # a batch: all of it is performed, and the answer lacks the last part
    "pretends",  # the answer is the gateway double's, told to behave badly
]


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault; `effect`: whether the call is performed all the same, or afterwards."""

    name: str
    effect: Effect
    does: Does
    status: int = 200
    body: bytes = b""
    # Of the gateway double, where `does` is "pretends".
    mode: str = ""

    @property
    def takes_time(self) -> bool:
        """Whether the function has to give the call up by itself."""
        return self.does in {"hangs", "trickles the head", "trickles the body"}

    @property
    def is_held(self) -> bool:
        """Whether the call stays open until the wire is released."""
        return self.takes_time or self.does == "holds"


def _error(code: str) -> bytes:
    return json.dumps({"__type": f"x#{code}", "message": "no"}).encode()


_HTML = b"<html>it works!</html>"
_ANYWHERE = (
    Fault("500 of another shape", "none", "answers", 500, b"[]"),
    Fault("503", "none", "answers", 503, _HTML),
    Fault("reset before", "none", "resets"),
    Fault("reset after", "done", "resets"),
    Fault("never taken", "none", "hangs"),
    Fault("answer lost", "done", "hangs"),
    Fault("late", "late", "hangs"),
    Fault("head trickles", "done", "trickles the head"),
    Fault("body trickles", "done", "trickles the body"),
    Fault("cut", "done", "cuts"),
    Fault("garbage", "done", "answers", 200, _HTML),
    Fault("not UTF-8", "none", "answers", 200, b'{"status": "\xff"}'),
    Fault("list", "done", "answers", 200, b"[]"),
    Fault("empty", "none", "answers", 200, b""),
    Fault("killed before", "none", "kills"),
    Fault("killed after", "done", "kills"),
)
AWS = (
    Fault("throttled", "none", "answers", 400, _error("ThrottlingException")),
    Fault("denied", "none", "answers", 400, _error("AccessDeniedException")),
    Fault("500", "none", "answers", 500, _error("InternalServerError")),
    *_ANYWHERE,
    Fault("of another operation", "none", "answers", 200, b'{"TableNames": []}'),
    Fault(
        "wrong types",
        "done",
        "answers",
        200,
        b'{"Item": {"PK": 1}, "Items": [null], "Responses": {"refund-table": [[]]},'
        b' "SecretString": 7, "MessageId": null, "Attributes": []}',
    ),
)
BATCH = (
    Fault("half performed", "none", "halves"),
    Fault("half denied", "none", "doubts"),
    Fault("answer lacks one", "done", "shortens"),
)
GATEWAY = (
    Fault("throttled", "none", "answers", 429, b'{"error": "slowly"}'),
    Fault("denied", "none", "answers", 403, b'{"error": "who are you?"}'),
    Fault("500", "none", "answers", 500, b'{"error": "no"}'),
    *_ANYWHERE,
    Fault("redirect", "none", "answers", 302, b""),
    Fault("conflict", "none", "answers", 409, b'{"error": "under way"}'),
    Fault(
        "unknown status", "none", "answers", 200,
        b'{"status": "refunded", "reference": "re-0"}',
    ),
    Fault("no reference", "none", "answers", 200, b'{"status": "succeeded"}'),
    Fault(
        "wrong types", "none", "answers", 200,
        b'{"status": ["succeeded"], "reference": 1}',
    ),
    Fault("402 without a reason", "none", "answers", 402, b"{}"),
    Fault("pending", "done", "pretends", mode="pending"),
)  # fmt: skip
# Of an order only.
ORDER = (
    Fault("500 that is replayed", "done", "pretends", mode="save_500"),
    Fault("empty 201", "none", "answers", 201, b""),
)
# How a gateway has paid without anybody knowing.
PAID_AND_RESET = Fault("paid, then reset", "done", "resets")
