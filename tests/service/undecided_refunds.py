"""The undecided refunds of a stack, what is known of each, and which may be sent."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

from refunds.adapters.item import SHARDS
from refunds.adapters.queue import RefundQueue
from refunds.adapters.store import RefundStore
from refunds.adapters.undecided_store import UndecidedStore
from refunds.domain.model import Refund, RefundNotFoundError, Status
from refunds.domain.payment import PaymentRule
from refunds.domain.sweep import Hindrance, ResendRule, Undecided
from sam_harness.errors import HarnessError
from service.deployed import described
from service.undecided_sources import AT_ONCE, Clients, Gateway, Promises, gateway_of

# Of the same order; more than a few tell a person nothing more.
_OTHERS = 20
_INDEX, _ORDERS = "GSI2", "GSI1"


@dataclass(frozen=True, slots=True)
class Case:
    """One refund and what is known of it, in words where only people judge it."""

    refund_id: str
    refund: Refund | None = None
    gateway: str = ""
    promise: str = ""
    resends: int = 0
    others: tuple[Refund, ...] = ()

    @property
    def is_undecided(self) -> bool:
        """Whether it can still be decided."""
        return self.refund is not None and self.refund.status is Status.PENDING

    def as_undecided(self) -> Undecided:
        """Return it as the rule judges it."""
        assert self.refund
        return Undecided(
            self.refund_id,
            self.refund.correlation_id,
            self.refund.created_at,
            made_with_key=self.refund.made_with_key,
            resends=self.resends,
        )


@dataclass(frozen=True, slots=True)
class Cases:
    """The undecided refunds of one stack."""

    store: RefundStore
    index: UndecidedStore
    queue: RefundQueue
    gateway: Gateway
    promises: Promises
    rule: ResendRule
    currency: str

    def older_than(self, age: timedelta, at: datetime) -> dict[str, int]:
        """Return what has been PENDING for so long, oldest first.

        As refundId -> how often the Sweeper has sent it.
        """
        found = [
            refund
            for shard in range(SHARDS)
            for refund in takewhile(
                lambda one: at - one.created_at >= age, self._of(shard)
            )
            if refund.status is Status.PENDING
        ]
        found.sort(key=lambda one: one.created_at)
        return {one.refund_id: one.resends for one in found}

    def told(self, resends: Mapping[str, int]) -> Iterator[Case]:
        """Yield what is known of each; several are asked about at a time."""
        executor = ThreadPoolExecutor(AT_ONCE)
        try:
            yield from executor.map(self._case, resends, resends.values())
        finally:
            executor.shutdown(cancel_futures=True)

    def refusal(self, case: Case, at: datetime, *, without_key: bool) -> str | None:
        """Return why no message may be sent for the refund, if so.

        How often it was sent is no reason here: that is for a person to judge.
        """
        if case.refund is None:
            return "there is no such refund"
        if not case.is_undecided:
            return f"it is {case.refund.status}"
        if not case.refund.made_with_key and not without_key:
            return f"{Hindrance.NO_KEY}; if not, say --although-made-without-key"
        hindrance = self.rule.lasting_hindrance(case.as_undecided(), at)
        return f"{hindrance}; settle it by hand: docs/runbook.md" if hindrance else None

    def send(self, case: Case) -> None:
        """Ask once more for the refund's decision."""
        assert case.refund
        self.queue.send(case.refund, None)

    def _of(self, shard: int) -> Iterator[Undecided]:
        page = self.index.page(shard, None)
        yield from page.refunds
        while page.after is not None:
            page = self.index.page(shard, page.after)
            yield from page.refunds

    def _case(self, refund_id: str, resends: int) -> Case:
        try:
            refund = self.store.get(refund_id)
        except RefundNotFoundError:
            return Case(refund_id)
        order_id = refund.request.order_id
        page = self.store.list_by_order(_ORDERS, order_id, _OTHERS, None)
        others = tuple(one for one in page.refunds if one.refund_id != refund_id)
        promise = "" if refund.made_with_key else self.promises.of(refund)
        said = self.gateway.says(refund)
        return Case(refund_id, refund, said, promise, resends, others)


def cases_of(clients: Clients, name: str) -> Cases:
    """Return what reads the undecided refunds of a stack.

    Raises:
        HarnessError: there is no such stack, or it has no index of them.
    """
    outputs, parameters = described(clients.cloudformation, name)
    try:
        table, after = outputs["TableName"], parameters["UndecidedAfterMinutes"]
        rule = ResendRule(
            timedelta(minutes=float(after)),
            PaymentRule(
                timedelta(hours=float(parameters["GatewayKeyRetentionHours"])),
                parameters["GatewayLookUp"] == "true",
            ),
        )
        return Cases(
            RefundStore(clients.dynamodb, table),
            UndecidedStore(clients.dynamodb, table, _INDEX),
            RefundQueue(clients.sqs, outputs["QueueUrl"]),
            gateway_of(parameters, clients.secrets),
            Promises(clients.logs, f"/aws/lambda/{outputs['ReceiverFunctionName']}"),
            rule,
            parameters["Currency"],
        )
    except KeyError as missing:
        raise HarnessError(
            f"stack {name} is no refund service with an index of undecided refunds: "
            f"no {missing}"
        ) from None
