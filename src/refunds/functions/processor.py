"""Lambda entry point of the queue: decides a batch and reports its failures."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from random import SystemRandom
from typing import TYPE_CHECKING, NamedTuple

from refunds.runtime import loading

# isort: split
from refunds.adapters.aws import dynamodb_client, sqs_client
from refunds.adapters.aws_calls import in_time
from refunds.adapters.batch_store import BatchStore
from refunds.adapters.gateway import HttpGateway, SimulatedGateway
from refunds.adapters.message import parse_delivery, parse_message
from refunds.adapters.queue import RefundQueue
from refunds.domain.circuit import CircuitBreaker, GuardedGateway
from refunds.domain.model import MalformedMessageError, Status, UnavailableError
from refunds.domain.outcome import Trouble
from refunds.domain.payment import Currency, PaymentRule
from refunds.domain.processing import MAX_THREADS, RefundProcessing
from refunds.domain.redelivery import Prospect, RedeliveryRule
from refunds.runtime.settings import SIMULATED, ProcessorSettings
from refunds.runtime.telemetry import Telemetry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from refunds.adapters.gateway import Credentials
    from refunds.adapters.message import Delivery, RefundMessage
    from refunds.domain.model import Refund, Results
    from refunds.domain.outcome import Outcome
    from refunds.domain.ports import PaymentGateway
    from refunds.runtime.telemetry import BoundLog, Counter, LambdaContext


def _gateway(settings: ProcessorSettings) -> PaymentGateway:
    if settings.gateway_url == SIMULATED:
        return SimulatedGateway()
    return HttpGateway(
        settings.gateway_url,
        settings.gateway_connect_timeout_s,
        settings.gateway_read_timeout_s,
        connections=MAX_THREADS,
        currency=Currency(settings.currency, settings.currency_decimals),
        credentials=_credentials(settings.gateway_secret_arn),
    )


def _credentials(secret_arn: str) -> Credentials | None:
    if not secret_arn:
        return None
    # Here, because a cold start without a secret should not pay for it.
    from refunds.adapters.aws import secrets_client  # noqa: PLC0415
    from refunds.adapters.gateway_secret import GatewaySecret  # noqa: PLC0415

    return GatewaySecret(secrets_client(), secret_arn)


_settings = ProcessorSettings.from_environment(os.environ)
_telemetry = Telemetry(_settings.stage)
_store = BatchStore(dynamodb_client(), _settings.table_name, _settings.retention)
_processing = RefundProcessing(
    _store.get,
    _store.save_decisions,
    # By the wall clock, which also counts while the environment is frozen.
    GuardedGateway(
        _gateway(_settings),
        asking=CircuitBreaker(_settings.gateway_pause_s, time.time),
        paying=CircuitBreaker(_settings.gateway_pause_s, time.time),
    ),
    _settings.decision_limit,
    PaymentRule(_settings.gateway_key_retention, _settings.gateway_look_up),
)
# Not a generator of INIT's, which is the same in all environments of a snapshot.
_chance = SystemRandom()
_redelivery = RedeliveryRule(_settings.longest_retry_s)
_COUNTERS: dict[Trouble, Counter] = {
    Trouble.GATEWAY_FAILED: "GatewayFailure",
    Trouble.PAYMENT_PENDING: "PaymentPending",
    Trouble.NEEDS_PERSON: "RefundNeedsPerson",
    Trouble.NOT_DECIDED: "DecisionFailure",
}


class _Failed(NamedTuple):
    """A delivery that has failed, and what the next one may bring."""

    delivery: Delivery
    prospect: Prospect


def handler(
    event: dict[str, list[dict[str, object]]], context: LambdaContext
) -> dict[str, object]:
    """Decide every refund of the batch; name the messages to be delivered again."""
    log = _telemetry.log(context.aws_request_id)
    batch, failed = _read_batch(event["Records"], log)
    logs = {
        refund_id: _bound(log, messages[0]) for refund_id, messages in batch.items()
    }
    receive_counts = {
        refund_id: _receive_count(messages) for refund_id, messages in batch.items()
    }
    outcomes = _in_time(context).process(
        logs, receive_counts, lambda: context.get_remaining_time_in_millis() / 1000
    )
    for refund_id, outcome in outcomes.items():
        _measure(outcome)
        if outcome.prospect is not None:
            failed += [
                _Failed(message.delivery, outcome.prospect)
                for message in batch[refund_id]
            ]
    _telemetry.flush()
    _delay(failed, context, log)
    names = [one.delivery.message_id for one in failed]
    return {"batchItemFailures": [{"itemIdentifier": name} for name in names]}


def _delay(failed: list[_Failed], context: LambdaContext, log: BoundLog) -> None:
    """Let each message come back when that has a prospect.

    Where SQS does not do it, or does not say how often it has delivered a message, the
    queue's visibility timeout holds.
    """
    waits_s = {
        delivery.receipt_handle: _redelivery.wait_s(
            prospect,
            delivery.receive_count,
            _chance.random(),
        )
        for delivery, prospect in failed
        if delivery.receipt_handle and delivery.receive_count
    }
    if not waits_s:
        return
    try:
        # The client is made when it is needed: cold starts do not pay for it.
        in_time(
            context.get_remaining_time_in_millis(),
            lambda: RefundQueue(sqs_client(), _settings.queue_url).delay(waits_s),
        )
    except UnavailableError as error:
        log.failure("failed messages wait for the queue's visibility timeout", error)


def _in_time(context: LambdaContext) -> RefundProcessing:
    """Give up reading and writing early enough to report what has failed by then."""

    def load(refund_ids: Iterable[str]) -> Results:
        return calls(refund_ids, lambda: _store.get(refund_ids))

    def save(decided: Iterable[Refund]) -> Results:
        refunds = list(decided)
        refund_ids = [refund.refund_id for refund in refunds]
        return calls(refund_ids, lambda: _store.save_decisions(refunds))

    def calls(refund_ids: Iterable[str], make: Callable[[], Results]) -> Results:
        try:
            return in_time(context.get_remaining_time_in_millis(), make)
        except UnavailableError as error:
            return dict.fromkeys(refund_ids, error)

    return replace(_processing, load=load, save=save)


def _read_batch(
    records: list[dict[str, object]], log: BoundLog
) -> tuple[dict[str, list[RefundMessage]], list[_Failed]]:
    """Group the messages by refund; return those that are not ours too.

    Duplicates within a batch are decided once, not side by side: a gateway may answer
    409 to the second of two simultaneous calls, and the message would come back.
    """
    batch: dict[str, list[RefundMessage]] = {}
    failed = []
    for record in records:
        try:
            message = parse_message(record)
        except MalformedMessageError as error:
            delivery = parse_delivery(record)
            log.failure("malformed message", error, correlation_id=delivery.message_id)
            failed.append(_Failed(delivery, Prospect.NONE))
        else:
            batch.setdefault(message.refund_id, []).append(message)
    return batch, failed


def _receive_count(messages: list[RefundMessage]) -> int | None:
    """Return the highest count, or None where a message has none."""
    counts = [one.delivery.receive_count for one in messages]
    known = [count for count in counts if count is not None]
    return max(known) if len(known) == len(counts) else None


def _bound(log: BoundLog, message: RefundMessage) -> BoundLog:
    """Lead from the lines about a refund to the request that asked for it."""
    return log.bind(
        refundId=message.refund_id,
        correlation_id=message.correlation_id,
        # Behind a queue the trace of the invocation is another one.
        request_trace_id=message.trace_id,
    )


def _measure(outcome: Outcome) -> None:
    if outcome.trouble is not None:
        _telemetry.count(_COUNTERS[outcome.trouble])
    refund = outcome.decided
    if refund is None:
        return
    approved = refund.status is Status.APPROVED
    _telemetry.count("RefundApproved" if approved else "RefundRejected")
    waited = refund.updated_at - refund.created_at
    _telemetry.time_to_decision(waited.total_seconds() * 1000)


loading.done()
