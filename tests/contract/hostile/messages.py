"""Messages of the queue that the Receiver never sends: each has to reach the DLQ."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from contract.hostile.case import SECRET

# SQS takes up to 1 MiB; 256 KB is what it took for long.
LARGE = 200_000


@dataclass(frozen=True, slots=True)
class HostileMessage:
    """A message by what is wrong with it."""

    name: str
    body: str
    attributes: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name


def messages() -> Iterator[HostileMessage]:
    """No two have the same body: it is how they are found again."""
    for number, body in enumerate(_bodies()):
        text = body if isinstance(body, str) else json.dumps(body)
        yield HostileMessage(f"{number} {ascii(text)[:50]}", f"{text}{' ' * number}")
    for number, attribute in enumerate(_attributes()):
        body = json.dumps({"version": 1, "refundId": str(uuid4())})
        yield HostileMessage(f"attribute {number}", body, {"correlationId": attribute})


def _bodies() -> Iterator[object]:
    refund_id = str(uuid4())
    # Not JSON, or no object.
    yield from (SECRET, "{", "}", "[", "\ufeff{}", "{'a': 1}", "<x/>", "NaN", "\t", "'")
    yield from (
        "null",
        "true",
        "0",
        '"text"',
        "[]",
        "[[]]",
        "[" * 5_000,
        '{"a":' * 5_000,
    )
    yield from ("\u00e9", "\U0001f4b6", "\\ud800", "\ud7ff\ue000", "x" * LARGE)
    # Of another version.
    versions: tuple[object, ...] = (
        None,
        0,
        2,
        -1,
        1.0,
        1.5,
        "1",
        "",
        True,
        [],
        [1],
        {},
        1e300,
    )
    for version in versions:
        yield {"version": version, "refundId": refund_id}
    yield {"refundId": refund_id}
    yield f'{{"version": 1e0, "refundId": "{refund_id}"}}'
    yield f'{{"version": {"9" * 4_000}, "refundId": "{refund_id}"}}'
    # Of no refund.
    for wrong in (
        None, "", "x", 0, True, [], [refund_id], {}, {"S": refund_id},
        refund_id.upper(),
        f"{refund_id} ", f" {refund_id}", f"{refund_id}\n", f"{{{refund_id}}}",
        refund_id.replace("-", ""), f"REFUND#{refund_id}", "\ud800", "a" * LARGE,
    ):  # fmt: skip
        yield {"version": 1, "refundId": wrong}
    yield {"version": 1}
    yield {"version": 1, "refund_id": refund_id, "RefundId": refund_id}
    # Of a refund that is not there.
    yield {"version": 1, "refundId": refund_id}
    yield {"version": 1, "refundId": str(uuid4()), "amount": 1, "status": "APPROVED"}
    yield f'{{"version": 2, "version": 1, "refundId": "x", "refundId": "{uuid4()}"}}'


def _attributes() -> Iterator[dict[str, Any]]:
    yield {"DataType": "Binary", "BinaryValue": b"\xff\x00"}
    yield {"DataType": "Number", "StringValue": "1"}
    yield {"DataType": "String.x", "StringValue": "\u00e9\n\t\U0001f4b6"}
    yield {"DataType": "String", "StringValue": "x" * 10_000}
    yield {"DataType": "String", "StringValue": '{"level":"ERROR"}'}
