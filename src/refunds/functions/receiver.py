"""Lambda entry point of POST /refunds."""

from __future__ import annotations

import os
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from refunds.runtime import loading

# isort: split
from refunds.adapters.aws import dynamodb_client, sqs_client
from refunds.adapters.aws_calls import in_time
from refunds.adapters.queue import RefundQueue
from refunds.adapters.store import RefundStore
from refunds.domain.acceptance import accept, new_refund
from refunds.domain.model import (
    IdempotencyConflictError,
    InvalidRequestError,
    UnavailableError,
)
from refunds.http.request import read_request
from refunds.http.response import json_response, problem, unavailable
from refunds.http.validation import validate_submission
from refunds.runtime.settings import ReceiverSettings
from refunds.runtime.telemetry import Telemetry

if TYPE_CHECKING:
    from refunds.http.request import ApiRequest
    from refunds.http.response import ProxyResponse
    from refunds.runtime.telemetry import BoundLog, LambdaContext

_settings = ReceiverSettings.from_environment(os.environ)
_telemetry = Telemetry(_settings.stage)
_store = RefundStore(dynamodb_client(), _settings.table_name)
_queue = RefundQueue(sqs_client(), _settings.queue_url)


def handler(event: dict[str, object], context: LambdaContext) -> ProxyResponse:
    """Answer 202 once the refund is stored and queued."""
    request = read_request(event, context.aws_request_id)
    log = _telemetry.log(context.aws_request_id).bind(
        correlation_id=request.correlation_id
    )
    try:
        return _accept(request, context, log)
    except InvalidRequestError as error:
        log.info("refund refused: invalid request", errors=len(error.errors))
        return problem(
            HTTPStatus.BAD_REQUEST,
            "The request is not a valid refund; errors names every bad field.",
            request.correlation_id,
            error.errors,
        )
    finally:
        _telemetry.flush()


def _accept(
    request: ApiRequest, context: LambdaContext, log: BoundLog
) -> ProxyResponse:
    refund = new_refund(
        validate_submission(request, _settings.currency_decimals),
        _settings.decision_limit,
        request.correlation_id,
    )
    log = log.bind(refundId=refund.refund_id)
    trace_header = os.environ.get("_X_AMZN_TRACE_ID")
    send = partial(_queue.send, trace_header=trace_header)
    try:
        queued = in_time(
            context.get_remaining_time_in_millis(),
            lambda: accept(refund, _store.add, send),
        )
    except IdempotencyConflictError:
        log.info("refund refused: Idempotency-Key used for another request")
        return problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "This Idempotency-Key was already used for a different request.",
            request.correlation_id,
        )
    except UnavailableError as error:
        log.failure("refund not accepted", error)
        return unavailable(request.correlation_id)
    if queued:
        _telemetry.count("RefundAccepted")
    log.info("refund accepted", queued=queued)
    return json_response(
        HTTPStatus.ACCEPTED,
        {"refundId": refund.refund_id, "status": "PENDING"},
        request.correlation_id,
        {"Location": f"{request.path.rstrip('/')}/{refund.refund_id}"},
    )


loading.done()
