"""Lambda entry point of the schedule: finds refunds that stay undecided."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from refunds.runtime import loading

# isort: split
from refunds.adapters.aws import dynamodb_client, sqs_client
from refunds.adapters.aws_calls import in_time
from refunds.adapters.item import SHARDS
from refunds.adapters.queue import RefundQueue
from refunds.adapters.undecided_store import UndecidedStore
from refunds.domain.model import UnavailableError
from refunds.domain.payment import PaymentRule
from refunds.domain.sweep import ResendRule, Sweep
from refunds.runtime.settings import SweeperSettings
from refunds.runtime.telemetry import Telemetry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from refunds.domain.sweep import Swept, Undecided
    from refunds.runtime.telemetry import LambdaContext

_settings = SweeperSettings.from_environment(os.environ)
_telemetry = Telemetry(_settings.stage)
_store = UndecidedStore(
    dynamodb_client(), _settings.table_name, _settings.undecided_index_name
)
_queue = RefundQueue(sqs_client(), _settings.queue_url)
_rule = ResendRule(
    _settings.undecided_after,
    PaymentRule(_settings.gateway_key_retention, _settings.gateway_look_up),
)


def handler(_event: object, context: LambdaContext) -> dict[str, object]:
    """Measure what is undecided, and send again what may be; return what was found."""
    log = _telemetry.log(context.aws_request_id)
    try:
        swept = _sweep(context).run(
            log, lambda: context.get_remaining_time_in_millis() / 1000
        )
    except UnavailableError as error:
        # No metric: the alarm tells that nothing is measured.
        log.failure("undecided refunds not measured", error)
        return {}
    found = _found(swept)
    log.info("undecided refunds measured", **found)
    _telemetry.undecided(swept.oldest_s, swept.overdue, swept.resent)
    _telemetry.flush()
    return found


def _sweep(context: LambdaContext) -> Sweep:
    """Give up each call early enough to say what was measured by then."""

    def call[Answer](make: Callable[[], Answer]) -> Answer:
        return in_time(context.get_remaining_time_in_millis(), make)

    def pages(shard: int) -> Iterator[list[Undecided]]:
        page = call(partial(_store.page, shard, None))
        yield page.refunds
        while page.after is not None:
            page = call(partial(_store.page, shard, page.after))
            yield page.refunds

    def claim(refund: Undecided, at: datetime) -> bool:
        return call(partial(_store.claim, refund, at))

    trace_header = os.environ.get("_X_AMZN_TRACE_ID")
    return Sweep(
        lambda: [pages(shard) for shard in range(SHARDS)],
        claim,
        lambda refund: call(partial(_store.forget, refund)),
        lambda refund: call(partial(_queue.send, refund, trace_header)),
        _rule,
    )


def _found(swept: Swept) -> dict[str, object]:
    return {
        "oldestSeconds": swept.oldest_s,
        "overdue": swept.overdue,
        "resent": swept.resent,
        "waiting": {reason.name: number for reason, number in swept.waiting.items()},
    }


loading.done()
