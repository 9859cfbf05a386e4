"""Where moto's DynamoDB differs from AWS's; imports moto only, as unit tests do."""

import copyreg
import re
import sys
from collections.abc import Callable, Mapping
from copy import copy, deepcopy
from decimal import localcontext
from functools import lru_cache, wraps
from inspect import signature
from threading import RLock
from typing import Any

from moto.dynamodb.comparisons import ConditionExpressionParser
from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.responses import DynamoHandler

from sam_harness.localstack.corrections.dynamodb import conditions, partiql, requests


def install() -> None:
    """Correct moto; a repeat changes nothing."""
    if DynamoHandler.execute_statement is partiql.execute_statement:
        return
    DynamoHandler.execute_statement = partiql.execute_statement  # type: ignore[assignment, method-assign] # that is the correction
    DynamoHandler.batch_execute_statement = partiql.batch_execute_statement  # type: ignore[assignment, method-assign] # likewise
    DynamoHandler.execute_transaction = partiql.execute_transaction  # type: ignore[assignment, method-assign] # likewise
    ConditionExpressionParser.parse = _parse  # type: ignore[assignment, method-assign] # likewise
    # Copied without this, a value keeps a dict of its attributes for good; in newer
    # releases moto's own way to copy comes before it.
    copyreg.pickle(DynamoType, lambda value: (DynamoType, ({value.type: value.value},)))
    DynamoDBBackend.put_item = _put_item  # type: ignore[assignment, method-assign] # as above
    DynamoDBBackend.update_item = _update_item  # type: ignore[assignment, method-assign] # as above
    for name in (*_WRITES, *_READS):
        method = getattr(DynamoDBBackend, name)
        if name in _PAGES:
            method = _telling_last(method)
        if name in _READS:
            method = _projecting(method)
        setattr(DynamoDBBackend, name, alone(method, copies=name in _READS))


# moto looks whether a condition holds, then writes: of two writers at once, each in a
# thread of the server, both might find that it does.
_WRITES = ("put_item", "update_item", "delete_item", "transact_write_items")
# An update changes an item one attribute after the other, and readers are given the
# item itself: half of the change might be in what they see.
_PAGES = ("query", "scan")
_READS = ("get_item", *_PAGES)
_lock = RLock()
# Of two numbers of DynamoDB the sum has no more.
_DIGITS = 300


def alone[**P, R](method: Callable[P, R], *, copies: bool = False) -> Callable[P, R]:
    """Return a method that waits for writes, and lets no other begin."""

    @wraps(method)
    def locked(*args: P.args, **kwargs: P.kwargs) -> R:
        with _lock:
            answer = method(*args, **kwargs)
            return deepcopy(answer) if copies else answer

    return locked


def _projecting[**P](method: Callable[P, Any]) -> Callable[P, Any]:
    """Return a method that reads items whole, and leaves of them what is asked for."""
    parameters = signature(method)
    [name] = _PROJECTIONS & parameters.parameters.keys()

    @wraps(method)
    def read(*args: P.args, **kwargs: P.kwargs) -> Any:  # noqa: ANN401 - moto's
        asked = parameters.bind(*args, **kwargs)
        paths, asked.arguments[name] = asked.arguments.get(name), None
        found = method(*asked.args, **asked.kwargs)
        if not paths or not found:
            return found
        if isinstance(found, Item):
            return projected(found, paths)
        items, *more = found
        return [projected(one, paths) for one in items], *more

    return read


_PROJECTIONS = {"projection_expression", "projection_expressions"}
_INDEX = re.compile(r"\[\d+](?=$|\[)")


def projected(item: Item, paths: list[list[str]]) -> Item:
    """Return of an item what ``paths`` name; moto fails at one with a Binary."""
    steps = [
        [
            step
            for name in path
            for step in (_INDEX.sub("", name), *_INDEX.findall(name))
        ]
        for path in paths
    ]
    whole = DynamoType({"M": {}})
    whole.value = item.attrs
    part = _part(whole, steps)
    made = copy(item)
    made.attrs = part.value if part else {}
    return made


def _part(value: DynamoType, paths: list[list[str]]) -> DynamoType | None:
    if [] in paths:
        return value
    held: Any = value.value if value.type in {"L", "M"} else {}
    if value.type == "L":
        held = {f"[{number}]": one for number, one in enumerate(held)}
    kept = {
        name: part
        for name, one in held.items()
        if (rest := [path[1:] for path in paths if path[0] == name])
        and (part := _part(one, rest)) is not None
    }
    made = copy(value)
    made.value = kept if value.type == "M" else [*kept.values()]
    return made if kept else None


def _telling_last[**P](
    method: Callable[P, tuple[Any, int, Any]],
) -> Callable[P, tuple[Any, int, Any]]:
    """Tell the last key where Limit is the end, too: DynamoDB looks no further.

    What was read counts, whatever a filter leaves of it.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html
    """
    parameters = signature(method)

    @wraps(method)
    def told(*args: P.args, **kwargs: P.kwargs) -> tuple[Any, int, Any]:
        items, scanned, last = method(*args, **kwargs)
        asked = parameters.bind(*args, **kwargs)
        given = asked.arguments
        if last is None and scanned and scanned == given["limit"]:
            given |= dict.fromkeys({"filter_expression"} & given.keys())
            read, *_ = method(*asked.args, **asked.kwargs)
            table = given["self"].get_table(given["table_name"])
            indexes = {one.name: one.schema for one in table.all_indexes()}
            keys = [*table.schema, *indexes.get(given.get("index_name"), ())]
            names = {key["AttributeName"] for key in keys}
            last = {name: read[-1].attrs[name] for name in names} if read else None
        return items, scanned, last

    return told


_put_as_moto = DynamoDBBackend.put_item


@wraps(_put_as_moto)
def _put_item(
    backend: DynamoDBBackend,
    table_name: str,
    item_attrs: Mapping[str, Any],
    *rest: Any,  # noqa: ANN401 - moto's
    **options: Any,  # noqa: ANN401 - moto's
) -> Any:  # noqa: ANN401 - moto's
    """Put an item whose attributes' names are those of the items before it."""
    shared = {sys.intern(name): value for name, value in item_attrs.items()}
    return _put_as_moto(backend, table_name, shared, *rest, **options)


_update_as_moto = DynamoDBBackend.update_item


@wraps(_update_as_moto)
def _update_item(
    backend: DynamoDBBackend,
    table_name: str,
    key: dict[str, Any],
    *rest: Any,  # noqa: ANN401 - moto's
    **options: Any,  # noqa: ANN401 - moto's
) -> Any:  # noqa: ANN401 - moto's
    """Update an item as a whole or not at all, and tell the stream of it once.

    moto makes an item before it updates it, and keeps what an update has done until it
    fails; it reckons with fewer digits than DynamoDB. Of a key alone it makes no item.
    """
    options["attribute_updates"] = options.get("attribute_updates") or {}
    table = backend.get_table(table_name)
    at = backend.get_keys_value(table, key)
    before = deepcopy(table.get_item(*at))
    shard = table.stream_shard
    told = len(shard.items) if shard else 0
    try:
        with localcontext(prec=_DIGITS):
            item = _update_as_moto(backend, table_name, key, *rest, **options)
        for name, value in item.attrs.items():
            _keep(value)
            if value.type == "S":
                item.attrs[name] = _shared(value.value)
        made = {"Item": item.to_json()["Attributes"]}
        requests.check_keys(made, requests.described(table))
    except Exception as error:
        if before is None:
            table.delete_item(*at)
        else:
            table.get_item(*at).attrs = before.attrs  # type: ignore[union-attr] # it is there
        if isinstance(error, ValueError):
            raise MockValidationException(str(error)) from error
        raise
    finally:
        if shard:
            del shard.items[told:]
    if shard:
        shard.add(before, item)
    return item


def _keep(value: DynamoType) -> None:
    """Give a value the numbers that DynamoDB keeps: moto has 1E-7 and 1.0 of a sum."""
    if value.type in {"N", "NS"}:
        [value.value] = requests.normalised(value.to_json()).values()
    elif value.type in {"L", "M"}:
        inner = value.value.values() if value.type == "M" else value.value
        for one in inner:
            _keep(one)


@lru_cache
def _shared(text: str) -> DynamoType:
    """Return one value for all items with a text: not each status takes its own."""
    return DynamoType({"S": text})


_parse_as_moto = ConditionExpressionParser.parse


def _parse(self: ConditionExpressionParser) -> conditions.Condition:
    if conditions.is_doubled(self.condition_expression or ""):
        raise MockValidationException(
            "Invalid ConditionExpression: The expression has redundant parentheses;"
        )
    try:
        return conditions.Condition(_parse_as_moto(self))
    except (AssertionError, LookupError, ValueError) as error:
        raise MockValidationException(
            f"Invalid ConditionExpression: {error}"
        ) from error
