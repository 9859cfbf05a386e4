"""DynamoDB that refuses what AWS refuses, in front of moto.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
"""

import time
from collections.abc import Callable
from copy import deepcopy
from threading import Lock
from typing import Any

from localstack.aws.api import CommonServiceException
from localstack.aws.api.dynamodb import IdempotentParameterMismatchException
from localstack.services.moto import MotoFallbackDispatcher, call_moto_with_request
from moto.dynamodb.models import dynamodb_backends

from sam_harness.localstack.corrections import dynamodb_requests
from sam_harness.localstack.corrections.dynamodb import alone

type Request = dict[str, Any]
type Handler = Callable[[Any, Request], Any]

_OF_ITEMS = (
    *("PutItem", "GetItem", "UpdateItem", "DeleteItem", "Query", "Scan"),
    *("BatchGetItem", "BatchWriteItem", "TransactGetItems", "TransactWriteItems"),
    *("ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"),
)
_ON_REQUEST = ("ConsumedCapacity", "ItemCollectionMetrics")
_LIVES_S = 600  # of a token
_lock = Lock()
# Account, region, operation and token -> since when, the request, and its answer.
_answered: dict[tuple[str, ...], tuple[float, Request, Any]] = {}


def dispatcher(provider: object) -> dict[str, Handler]:
    """Return what answers each operation: moto, asked only what AWS would answer."""
    table: dict[str, Handler] = MotoFallbackDispatcher(provider)
    return (
        table
        | {name: _checked(name, table[name]) for name in _OF_ITEMS}
        | {"UpdateTable": _ending_a_stream(table["UpdateTable"])}
    )


def _ending_a_stream(answer: Handler) -> Handler:
    """Take from a table the stream that an update disables: moto writes on to it.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_StreamSpecification.html
    """

    @alone
    def handle(context: Any, request: Request) -> Any:  # noqa: ANN401 - untyped
        answered = answer(context, request)
        tables = dynamodb_backends[context.account_id][context.region].tables
        table = tables[request["TableName"].rpartition("/")[2]]
        if table.stream_specification == {"StreamEnabled": False}:
            table.stream_shard = table.latest_stream_label = None
        return answered

    return handle


def _checked(operation: str, answer: Handler) -> Handler:
    def handle(context: Any, request: Request) -> Any:  # noqa: ANN401 - untyped
        tables = dynamodb_backends[context.account_id][context.region].tables

        def find(name: str) -> dynamodb_requests.Values | None:
            table = tables.get(name.rpartition("/")[2])
            return dynamodb_requests.described(table) if table else None

        try:
            wanted = dynamodb_requests.normalised(request)
            dynamodb_requests.check(operation, wanted, find)
        except ValueError as error:
            raise CommonServiceException("ValidationException", str(error)) from error
        token = wanted.pop("ClientRequestToken", None)

        def ask() -> Any:  # noqa: ANN401 - untyped
            if wanted == request:
                return answer(context, request)
            # What it is given is changed on the way to moto; a token keeps it.
            return call_moto_with_request(
                context, deepcopy(wanted) if token else wanted
            )

        key = (context.account_id, context.region, operation, token)
        answered = _once(key, wanted, ask) if token else ask()
        if request.get("Select") == "COUNT":  # a Scan would have them
            answered.pop("Items", None)
        return _asked_for(request, answered)

    return handle


def _once(key: tuple[str, ...], request: Request, answer: Callable[[], Any]) -> Any:  # noqa: ANN401 - untyped
    """Answer a token's first request, and its repeats as that one."""
    with _lock:
        now = time.monotonic()
        while (old := next(iter(_answered.values()), None)) and old[0] < now - _LIVES_S:
            del _answered[next(iter(_answered))]
        if known := _answered.get(key):
            if known[1] != request:
                raise IdempotentParameterMismatchException(
                    Message="Request is not idempotent with the one of its token"
                )
            return known[2]
        answered = answer()
        _answered[key] = now, request, answered
        return answered


def _asked_for(request: Request, answer: Request) -> Request:
    """Return an answer without what was not asked for, and without no attributes.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
    """
    unasked = {
        name
        for name in _ON_REQUEST
        if request.get(f"Return{name}", "NONE") in {"NONE", None}
    }
    if not answer.get("Attributes"):
        unasked.add("Attributes")
    return {name: value for name, value in answer.items() if name not in unasked}
