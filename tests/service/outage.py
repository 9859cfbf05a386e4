"""An outage of the payment gateway, told in phases; the tests look at what happened.

Each phase waits for visibility timeouts, so all that can fail together does.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from sam_harness.waiting import wait_until
from service.client import RefundClient
from service.functions import paused
from service.payment_gateway import PaymentGateway
from service.queues import (
    DeadLetters,
    Queues,
    a_malformed_message,
    a_message_for,
)

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient
    from types_boto3_sqs.type_defs import MessageTypeDef

# Three receives, 2 s apart, and as much again for a slow machine.
DEAD_TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class Sighting:
    """What was seen at one moment of the outage."""

    attempts: int
    dead_letters: int


@dataclass(frozen=True, slots=True)
class Sent:
    """What went into the queue when the gateway hung, and how to watch it."""

    prefix: str
    doomed: str
    doomed_trace: str
    correlation_id: str
    neighbours: tuple[str, ...]
    malformed: str
    unknown: str
    also_unknown: tuple[str, ...]

    @property
    def dying(self) -> tuple[str, ...]:
        """The bodies that belong into the DLQ."""
        doomed = a_message_for(self.doomed)
        return (doomed, self.malformed, self.unknown, *self.also_unknown)


@dataclass(frozen=True, slots=True)
class Outage:
    """One that has led to dead letters: by body, as first seen in the DLQ."""

    sent: Sent
    attempts: int
    sightings: tuple[Sighting, ...]
    dead: dict[str, "MessageTypeDef"]


def break_out(
    client: RefundClient,
    gateway: PaymentGateway,
    queues: Queues,
    functions: "LambdaClient",
) -> Outage:
    """Let the gateway hang for one refund, and wait for the dead letters."""
    prefix = f"OUTAGE-{uuid4().hex[:8]}-"
    gateway.set_mode("hang", order_id_prefix=f"{prefix}doomed")
    # All in one batch, so that a failure has neighbours.
    with paused(functions, client.stack.functions["processor"].live):
        sent = _send(client, queues, prefix)
    letters = DeadLetters(queues)
    sightings: list[Sighting] = []

    def look() -> Sighting:
        # In this order: a dead letter seen now was there when attempts are counted.
        dead_letters = queues.dlq_depth()
        sightings.append(Sighting(_attempts(gateway, sent), dead_letters))
        return sightings[-1]

    wait_until(
        look,
        lambda seen: seen.dead_letters > 0,
        what="the first dead letter",
        timeout_s=DEAD_TIMEOUT_S,
    )
    dead = letters.await_bodies(sent.dying, DEAD_TIMEOUT_S)
    return Outage(sent, _attempts(gateway, sent), tuple(sightings), dead)


def _send(client: RefundClient, queues: Queues, prefix: str) -> Sent:
    malformed = a_malformed_message()
    # So many that moving one a second takes longer than it takes to press Ctrl-C.
    unknown, *also_unknown = [a_message_for(str(uuid4())) for _ in range(5)]
    correlation_id = f"outage-{uuid4()}"
    queues.send(malformed, unknown, *also_unknown)
    doomed, *neighbours = [
        client.post(
            f"{prefix}{name}", "75.00", headers={"X-Correlation-Id": correlation_id}
        )
        for name in ("doomed", "neighbour-1", "neighbour-2")
    ]
    return Sent(
        prefix,
        doomed.json()["refundId"],
        doomed.headers.get("X-Amzn-Trace-Id", ""),
        correlation_id,
        tuple(answer.json()["refundId"] for answer in neighbours),
        malformed,
        unknown,
        tuple(also_unknown),
    )


def _attempts(gateway: PaymentGateway, sent: Sent) -> int:
    charges = gateway.charges(f"{sent.prefix}doomed")
    return charges[0].calls if charges else 0
