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

from sam_harness.localstack.corrections import dynamodb_answers, dynamodb_requests

type Request = dict[str, Any]
type Handler = Callable[[Any, Request], Any]

_OF_ITEMS = (
    *("PutItem", "GetItem", "UpdateItem", "DeleteItem", "Query", "Scan"),
    *("BatchGetItem", "BatchWriteItem", "TransactGetItems", "TransactWriteItems"),
    *("ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"),
)
_WITH_POLICY = ("CreateTable", "PutResourcePolicy")
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
        | {name: _without_policy(table[name]) for name in _WITH_POLICY}
    )


def _without_policy(answer: Handler) -> Handler:
    """Refuse the policy of a table: no call would be checked against it.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/access-control-resource-based.html
    """

    def handle(context: Any, request: Request) -> Any:  # noqa: ANN401 - untyped
        if request.get("ResourcePolicy") or request.get("Policy"):
            raise CommonServiceException(
                "InternalFailure",
                "sam-harness does not emulate the policies of tables: no call would be"
                " checked against this one",
                status_code=501,
            )
        return answer(context, request)

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
        return dynamodb_answers.asked_for(request, answered)

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
