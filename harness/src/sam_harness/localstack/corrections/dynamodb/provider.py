"""DynamoDB that refuses what AWS refuses, in front of moto.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from itertools import chain
from threading import Lock
from typing import Any
from uuid import uuid4

from localstack.aws.api import CommonServiceException
from localstack.aws.api.dynamodb import (
    DynamodbApi,
    IdempotentParameterMismatchException,
    ResourceNotFoundException,
)
from localstack.services.moto import MotoFallbackDispatcher, call_moto_with_request
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.responses import ProjectionExpressionParser

from sam_harness.localstack.corrections.dynamodb import requests, tables
from sam_harness.localstack.corrections.dynamodb.moto_backend import alone, projected
from sam_harness.localstack.stacks.proof import PROOF
from sam_harness.localstack.stacks.reading import NOW

type Request = dict[str, Any]
type Handler = Callable[[Any, Request], Any]

_OF_ITEMS = (
    *("PutItem", "GetItem", "UpdateItem", "DeleteItem", "Query", "Scan"),
    *("BatchGetItem", "BatchWriteItem", "TransactGetItems", "TransactWriteItems"),
    *("ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"),
)
_OF_EXPIRY = ("DescribeTimeToLive", "UpdateTimeToLive")
_ON_REQUEST = ("ConsumedCapacity", "ItemCollectionMetrics")
_LIVES_S = 600  # of a token
_lock = Lock()
# Account, region, operation and token -> since when, the request, and its answer.
_answered: dict[tuple[str, ...], tuple[float, Request, Any]] = {}


class Provider(DynamodbApi):  # type: ignore[misc] # LocalStack is untyped
    """Implements nothing: dispatcher passes every operation to moto."""


def dispatcher(provider: object) -> dict[str, Handler]:
    """Return what answers each operation: moto, asked only what AWS would answer."""
    table: dict[str, Handler] = MotoFallbackDispatcher(provider)
    return (
        table
        | {name: _checked(name, table[name]) for name in _OF_ITEMS}
        | {"CreateTable": _creating(table["CreateTable"])}
        | {"UpdateTable": _updating(table["UpdateTable"])}
        | {name: _found(table[name]) for name in _OF_EXPIRY}
    )


def _found(answer: Handler) -> Handler:
    """Have it told where there is no such table, or expiry is what it is already.

    By the codes that clients look for; a template may say what is so already.
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html
    """

    def handle(context: Any, request: Request) -> Any:  # noqa: ANN401 - untyped
        if not (table := _table(context, request)):
            said = f"Requested resource not found: Table: {request['TableName']} "
            raise ResourceNotFoundException(f"{said}not found")
        wanted = request.get("TimeToLiveSpecification", {}).get("Enabled")
        is_on = table.ttl["TimeToLiveStatus"] == "ENABLED"
        if wanted is is_on and not NOW.get():
            said = f"TimeToLive is already {'enabled' if is_on else 'disabled'}"
            raise CommonServiceException("ValidationException", said)
        return answer(context, request)

    return handle


def _table(context: Any, request: Request) -> Any:  # noqa: ANN401 - moto's
    known = dynamodb_backends[context.account_id][context.region].tables
    return known.get(request["TableName"].rpartition("/")[2])


def _creating(answer: Handler) -> Handler:
    def handle(context: Any, request: Request) -> Any:  # noqa: ANN401 - untyped
        with _refusing():
            tables.check_new(request)
        answered = answer(context, request)
        # LocalStack's CloudFormation asks for it, of a global table.
        answered["TableDescription"]["TableId"] = str(uuid4())
        return answered

    return handle


def _updating(answer: Handler) -> Handler:
    """Have a table keep what an update does not say, and no stream that it disables.

    moto forgets attributes that are not defined again, and writes to the stream on.
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_StreamSpecification.html
    """

    @alone
    def handle(context: Any, request: Request) -> Any:  # noqa: ANN401 - untyped
        table = _table(context, request)
        if table is None:
            return answer(context, request)  # moto says so
        described, defined = requests.described(table), table.attr
        with _refusing():
            mode = table.billing_mode or "PROVISIONED"
            tables.check_update(request, described, mode)
        if tables.missing_index(request, described):
            raise ResourceNotFoundException("Requested resource not found")
        answered = answer(context, request)
        if table.stream_specification == {"StreamEnabled": False}:
            table.stream_shard = table.latest_stream_label = None
        keys = [*table.schema, *chain(*(one.schema for one in table.all_indexes()))]
        attributes = {one["AttributeName"]: one for one in (*defined, *table.attr)}
        used = dict.fromkeys(key["AttributeName"] for key in keys)
        table.attr = [attributes[name] for name in used]
        answered["TableDescription"]["AttributeDefinitions"] = table.attr
        return answered

    return handle


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise CommonServiceException("ValidationException", str(error)) from error


def _checked(operation: str, answer: Handler) -> Handler:
    def handle(context: Any, request: Request) -> Any:  # noqa: ANN401 - untyped
        known = dynamodb_backends[context.account_id][context.region].tables

        def find(name: str) -> requests.Values | None:
            table = known.get(name.rpartition("/")[2])
            return requests.described(table) if table else None

        with _refusing():
            wanted = requests.expressed(requests.normalised(request))
            requests.check(operation, wanted, find)
        if request.get("ReturnConsumedCapacity", "NONE") != "NONE":
            PROOF.note(context.account_id, "dynamodb:ReturnConsumedCapacity")
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
        if operation == "TransactGetItems":
            _project(request, answered)
        return _asked_for(request, answered)

    return handle


def _project(request: Request, answer: Request) -> None:
    """Leave of the items of a transaction what was asked for: moto has them whole."""
    for one, got in zip(request["TransactItems"], answer["Responses"], strict=True):
        names = one["Get"].get("ExpressionAttributeNames")
        asked = one["Get"].get("ProjectionExpression")
        if asked and "Item" in got:
            paths = ProjectionExpressionParser(asked, names).parse()
            whole: Any = Item(None, None, attrs=got["Item"])  # type: ignore[arg-type] # no key
            left = projected(whole, paths).attrs
            got["Item"] = {name: _plain(value) for name, value in left.items()}


def _plain(value: Any) -> Request:  # noqa: ANN401 - moto's
    """Return a value as a client gets it; moto's own way reads a Binary once more."""
    held = value.value
    if value.type == "M":
        held = {name: _plain(one) for name, one in held.items()}
    elif value.type == "L":
        held = [_plain(one) for one in held]
    return {value.type: held}


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
