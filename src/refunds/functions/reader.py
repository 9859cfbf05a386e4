"""Lambda entry point of GET /refunds/{refundId} and GET /refunds?orderId=…."""

from __future__ import annotations

import os
from http import HTTPStatus
from typing import TYPE_CHECKING

from refunds.runtime import loading

# isort: split
from refunds.adapters.aws import dynamodb_client
from refunds.adapters.aws_calls import in_time
from refunds.adapters.store import RefundStore
from refunds.domain.model import (
    FieldError,
    InvalidRequestError,
    RefundNotFoundError,
    UnavailableError,
    is_refund_id,
)
from refunds.http.pagination import next_token, validate_list
from refunds.http.request import read_request
from refunds.http.response import json_response, problem, refund_body, unavailable
from refunds.runtime.settings import ReaderSettings
from refunds.runtime.telemetry import Telemetry

if TYPE_CHECKING:
    from refunds.http.response import ProxyResponse
    from refunds.runtime.telemetry import LambdaContext

_settings = ReaderSettings.from_environment(os.environ)
_telemetry = Telemetry(_settings.stage)
_store = RefundStore(dynamodb_client(), _settings.table_name)


def handler(event: dict[str, object], context: LambdaContext) -> ProxyResponse:
    """Answer with one refund, or with a page of an order's refunds."""
    request = read_request(event, context.aws_request_id)
    log = _telemetry.log(context.aws_request_id).bind(
        correlation_id=request.correlation_id
    )
    refund_id = request.path_parameters.get("refundId")
    if refund_id is not None and is_refund_id(refund_id):
        log = log.bind(refundId=refund_id)
    try:
        body = in_time(
            context.get_remaining_time_in_millis(),
            lambda: _page(request.query) if refund_id is None else _one(refund_id),
        )
    except InvalidRequestError as error:
        log.info("read refused: invalid request", errors=len(error.errors))
        detail = "The request is not valid; errors names every bad parameter."
        status = HTTPStatus.BAD_REQUEST
        return problem(status, detail, request.correlation_id, error.errors)
    except RefundNotFoundError as error:
        log.info("refund not read", cause=str(error))
        status = HTTPStatus.NOT_FOUND
        return problem(status, "There is no such refund.", request.correlation_id)
    except UnavailableError as error:
        log.failure("refund not read", error)
        return unavailable(request.correlation_id)
    log.info("refund read")
    return json_response(HTTPStatus.OK, body, request.correlation_id)


def _one(refund_id: str) -> dict[str, object]:
    if not is_refund_id(refund_id):
        raise InvalidRequestError(
            FieldError("refundId", "must be an id that POST /refunds returned")
        )
    return refund_body(_store.get(refund_id), _settings.currency)


def _page(query: dict[str, str]) -> dict[str, object]:
    wanted = validate_list(query)
    page = _store.list_by_order(
        _settings.order_index_name, wanted.order_id, wanted.limit, wanted.after
    )
    body: dict[str, object] = {
        "refunds": [refund_body(refund, _settings.currency) for refund in page.refunds]
    }
    if page.last is not None:
        body["nextToken"] = next_token(page.last)
    return body


loading.done()
