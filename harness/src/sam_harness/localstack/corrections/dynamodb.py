"""Where moto's DynamoDB differs from AWS's; imports moto only, as unit tests do."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import wraps
from threading import RLock
from typing import Any

from moto.dynamodb.comparisons import ConditionExpressionParser
from moto.dynamodb.exceptions import (
    ConditionalCheckFailed,
    DynamodbException,
    MockValidationException,
)
from moto.dynamodb.models import DynamoDBBackend

from sam_harness.localstack.corrections import dynamodb_conditions, partiql_update


def install() -> None:
    """Correct moto; a repeat changes nothing."""
    if DynamoDBBackend.batch_execute_statement is _batch_execute_statement:
        return
    DynamoDBBackend.batch_execute_statement = _batch_execute_statement  # type: ignore[method-assign] # that is the correction
    ConditionExpressionParser.parse = _parse  # type: ignore[assignment, method-assign] # likewise
    for name in (*_WRITES, *_READS):
        method = getattr(DynamoDBBackend, name)
        setattr(DynamoDBBackend, name, _alone(method, copies=name in _READS))


# moto looks whether a condition holds, then writes: of two writers at once, each in a
# thread of the server, both might find that it does.
_WRITES = ("put_item", "update_item", "delete_item", "transact_write_items")
# An update changes an item one attribute after the other, and readers are given the
# item itself: half of the change might be in what they see. A statement may be both.
_READS = ("get_item", "query", "scan", "execute_statement", "execute_transaction")
_lock = RLock()


def _alone[**P, R](method: Callable[P, R], *, copies: bool) -> Callable[P, R]:
    @wraps(method)
    def locked(*args: P.args, **kwargs: P.kwargs) -> R:
        with _lock:
            answer = method(*args, **kwargs)
            return deepcopy(answer) if copies else answer

    return locked


_parse_as_moto = ConditionExpressionParser.parse


def _parse(self: ConditionExpressionParser) -> dynamodb_conditions.Condition:
    dynamodb_conditions.check_text(
        self.condition_expression or "",
        self.expression_attribute_names or {},
        self.expression_attribute_values or {},
    )
    try:
        return dynamodb_conditions.Condition(_parse_as_moto(self))
    except (AssertionError, LookupError, ValueError) as error:
        raise MockValidationException(
            f"Invalid ConditionExpression: {error}"
        ) from error


_original = DynamoDBBackend.batch_execute_statement


def _batch_execute_statement(
    self: DynamoDBBackend, statements: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    # moto reports no UPDATE as failed whose condition did not hold, and refuses one
    # with two SET clauses, which is how AWS documents it.
    return [
        _update(self, table, one)
        if (table := partiql_update.updated_table(one["Statement"]))
        else _original(self, [one])[0]
        for one in statements
    ]


def _update(
    backend: DynamoDBBackend, table: str, request: Mapping[str, Any]
) -> dict[str, Any]:
    """Answer one statement as AWS does: an error is its own, not the batch's."""
    if table not in backend.tables:
        return _error("ResourceNotFound", "Requested resource not found")
    try:
        update = partiql_update.translate(
            request["Statement"],
            request.get("Parameters", []),
            backend.tables[table].table_key_attrs,
        )
    except ValueError as error:
        return _error("ValidationError", str(error))
    answer: dict[str, Any] = {"TableName": table}
    try:
        backend.update_item(
            table_name=table,
            key=update.key,
            update_expression=update.update,
            condition_expression=update.condition,
            expression_attribute_names=update.names,
            expression_attribute_values=update.values,
        )
    except ConditionalCheckFailed:
        answer |= _error("ConditionalCheckFailed", "The conditional request failed")
        item = backend.get_item(table, update.key)
        if request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" and item:
            answer["Error"]["Item"] = item.to_json()["Attributes"]
    except DynamodbException as error:
        answer |= _error("ValidationError", str(error))
    return answer


def _error(code: str, message: str) -> dict[str, Any]:
    return {"Error": {"Code": code, "Message": message}}
