"""The gateway double's worst day, over the deployed stack on LocalStack.

It forgets keys after an hour (scaled to seconds), leaves orders pending, pays and
hangs, saves 500s and replays them, and its secret is rotated; what is dead is redriven
after its key was forgotten. Then each refund is looked at: paid at most once, APPROVED
exactly where the gateway has paid.
"""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, NamedTuple

import requests

from sam_harness.errors import HarnessError
from sam_harness.waiting import DeadlineError, wait_until
from service.client import RefundClient
from service.queues import Queues
from service.running import running, secret_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from service.payment_gateway_rules import Charge, Mode
    from service.running import Running

REFUNDS = 2_000
# An hour, scaled. The service believes it, less its tenth, of every young refund.
KEY_LIFETIME_S = 30
_ROTATED_EVERY_S = 20
_CLIENTS = 8
_REPEATS = 5
_ENDS_AFTER_S = 330


class _Kind(NamedTuple):
    mode: Mode
    percent: int  # of all refunds; the rest is paid at once
    times: int = 0


_KINDS = {
    "pending": _Kind("pending", 3, times=2),
    "lost": _Kind("hang_after_charge", 5),
    "replayed": _Kind("save_500", 5),
    "declined": _Kind("decline", 5),
    # Until they are dead, and their keys forgotten: not done, and not even taken.
    "stuck": _Kind("pending", 2),
    "unheard": _Kind("hang", 2),
}
_UNTIL_DEAD = ("stuck", "unheard")
_ABOVE_THE_LIMIT = "1500.00"


@dataclass(frozen=True, slots=True)
class Told:
    """What is counted at the end of the day."""

    statuses: Mapping[str, int]
    payments: Mapping[int, int]
    most_calls: int
    redrives: int
    redriven: int
    rotations: int
    elapsed_s: float
    broken: tuple[str, ...]

    def __str__(self) -> str:
        paid = ", ".join(f"{n} paid {times} x" for times, n in self.payments.items())
        states = ", ".join(f"{n} {state}" for state, n in self.statuses.items())
        return (
            f"{states}; at the gateway: {paid}; a refund was asked about or ordered at "
            f"most {self.most_calls} times; {self.redrives} redrives moved "
            f"{self.redriven} messages; {self.rotations} rotations; "
            f"{self.elapsed_s:.0f} s"
        )


def live_through(on_progress: Callable[[str], None], log: Path) -> Told:
    """Run the stack through the day; return what is to be told of it.

    Raises:
        HarnessError: LocalStack, the build or the deployment failed, or the day does
            not end.
    """
    parameters = {
        "GatewayKeyRetentionHours": f"{KEY_LIFETIME_S / 3600:.6f}",
        "MaxReceiveCount": "3",
    }
    with running(
        "refunds-worst-day",
        parameters=parameters,
        log_path=log,
        authorization="Bearer 0",
        on_progress=on_progress,
    ) as service:
        return _Day(service, on_progress).live()


class _Day:
    def __init__(self, service: Running, on_progress: Callable[[str], None]) -> None:
        self._service, self._on_progress = service, on_progress
        self._gateway, self._client = service.gateway, RefundClient(service.stack)
        session = service.emulator.session()
        self._queues = Queues(session.client("sqs"), service.stack)
        self._secrets = session.client("secretsmanager")
        self._table = session.client("dynamodb")
        self._accepted: dict[str, str] = {}
        self._began_s = time.monotonic()
        self._rotations = self._redrives = self._redriven = 0

    def live(self) -> Told:
        for name, kind in _KINDS.items():
            prefix = f"{name}-"
            self._gateway.set_mode(kind.mode, order_id_prefix=prefix, times=kind.times)
        self._gateway.forget_keys_after(KEY_LIFETIME_S)
        over = Event()
        rotating = Thread(target=self._rotate, args=(over,))
        rotating.start()
        try:
            self._send()
            self._decide()
        finally:
            over.set()
            rotating.join()
        return self._told()

    def _send(self) -> None:
        """Send each refund, and repeat it at once in one case of ten."""
        drawn = Random(7)  # noqa: S311 - a load, no secret
        shares = {name: kind.percent for name, kind in _KINDS.items()} | {"over": 5}
        shares["ok"] = 100 - sum(shares.values())
        kinds = drawn.choices([*shares], [*shares.values()], k=REFUNDS)
        with ThreadPoolExecutor(_CLIENTS) as pool:
            for done, _ in enumerate(pool.map(self._post, range(REFUNDS), kinds), 1):
                if done % (REFUNDS // 5) == 0:
                    self._on_progress(f"{done} refunds accepted")

    def _post(self, number: int, kind: str) -> None:
        order_id = f"{kind}-{number}"
        amount = _ABOVE_THE_LIMIT if kind == "over" else "10.00"
        for _ in range(_REPEATS):
            with suppress(requests.RequestException):
                answer = self._client.post(
                    order_id, amount, headers={"Idempotency-Key": str(number)}
                )
                if answer.status_code == requests.codes.accepted:
                    self._accepted[answer.json()["refundId"]] = order_id
                    if number % 10:
                        return
        if order_id not in self._accepted.values():
            raise HarnessError(f"{order_id} was not accepted in {_REPEATS} attempts")

    def _rotate(self, over: Event) -> None:
        """Replace the secret again and again; the new one is demanded at once."""
        while not over.wait(_ROTATED_EVERY_S):
            self._rotations += 1
            value = f"Bearer {self._rotations}"
            self._secrets.put_secret_value(
                SecretId=self._service.parameters["GatewaySecretArn"],
                SecretString=secret_text(value),
            )
            self._gateway.demand(value)

    def _decide(self) -> None:
        """Redrive what is dead, once its keys are forgotten, until nothing waits."""
        self._on_progress("all sent: waiting for the decisions")
        while True:
            left_s = self._began_s + _ENDS_AFTER_S - time.monotonic()
            try:
                wait_until(
                    self._queues.depth,
                    (0).__eq__,
                    what="the queue to be empty",
                    timeout_s=max(0, left_s),
                    poll_s=0.5,
                )
            except DeadlineError as late:
                raise HarnessError(f"the day does not end: {late}") from late
            dead = self._queues.dlq_depth()
            if not dead:
                return
            self._on_progress(f"{dead} are dead: redriven when the keys are forgotten")
            wait_until(
                self._gateway.remembered_keys,
                (0).__eq__,
                what="the keys to be forgotten",
                timeout_s=2 * KEY_LIFETIME_S,
            )
            for name in _UNTIL_DEAD:
                self._gateway.clear_mode(f"{name}-")
            self._queues.redrive()
            self._redrives += 1
            self._redriven += dead

    def _told(self) -> Told:
        records = self._records()
        charges = {one.refund_id: one for one in self._gateway.charges()}
        return Told(
            Counter(record["status"]["S"] for record in records.values()),
            Counter(charge.effects for charge in charges.values()),
            max(charge.calls for charge in charges.values()),
            self._redrives,
            self._redriven,
            self._rotations,
            time.monotonic() - self._began_s,
            tuple(_broken(self._accepted, records, charges)),
        )

    def _records(self) -> dict[str, Any]:
        pages = self._table.get_paginator("scan").paginate(
            TableName=self._service.stack.table_name, ConsistentRead=True
        )
        items = [item for page in pages for item in page["Items"]]
        return {item["refundId"]["S"]: item for item in items}


def _broken(
    accepted: Mapping[str, str],
    records: Mapping[str, Any],
    charges: Mapping[str, Charge],
) -> list[str]:
    """Return what breaks the promise."""
    broken = []
    if len(accepted) != REFUNDS or accepted.keys() != records.keys():
        broken.append(f"{len(accepted)} accepted, {len(records)} stored: not {REFUNDS}")
    for refund_id, order_id in accepted.items():
        status = records.get(refund_id, {}).get("status", {}).get("S")
        charge = charges.get(refund_id)
        payments = charge.effects if charge else 0
        succeeded = payments == 1 and charge is not None and charge.settled
        if payments > 1:
            broken.append(f"{order_id}: paid {payments} times")
        if status not in {"APPROVED", "REJECTED"}:
            broken.append(f"{order_id}: {status}")
        elif (status == "APPROVED") != succeeded:
            broken.append(f"{order_id}: {status}, {payments} payments")
    return broken
