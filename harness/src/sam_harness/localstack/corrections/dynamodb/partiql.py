"""PartiQL, executed as requests of the plain API; imports moto only.

moto reads statements by a parser of its own, which takes much for something else: it
overwrites with INSERT, returns what was not asked for, and fails without a reason.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.dynamodb import responses
from moto.dynamodb.exceptions import (
    ConditionalCheckFailed,
    DynamodbException,
    MockValidationException,
    ResourceNotFoundException,
)
from moto.dynamodb.responses import DynamoHandler

from sam_harness.iam.services.dynamodb.parser import UnreadableStatement, parse
from sam_harness.iam.services.dynamodb.statement import Statement
from sam_harness.localstack.corrections.dynamodb import partiql_plain, requests

type Request = dict[str, Any]
_TYPE = "com.amazonaws.dynamodb.v20120810#{}"
_WRITES = {"put_item", "update_item", "delete_item"}


def execute_statement(self: DynamoHandler) -> object:
    """Answer ExecuteStatement."""
    statement, operation, request = _read(self, self.body)
    if operation in {"query", "scan"}:
        request |= {"Limit": self.body.get("Limit")} if self.body.get("Limit") else {}
        request["ConsistentRead"] = bool(self.body.get("ConsistentRead"))
        if token := self.body.get("NextToken"):
            request["ExclusiveStartKey"] = _start(token)
    items, last = _run(self, statement, operation, request)
    answer: Request = {"Items": items}
    if last:
        answer["NextToken"] = b64encode(json.dumps(last).encode()).decode()
    return _answer(answer)


def batch_execute_statement(self: DynamoHandler) -> object:
    """Answer BatchExecuteStatement: an error is its statement's, not the batch's."""
    return _answer({"Responses": [_one(self, one) for one in self.body["Statements"]]})


def execute_transaction(self: DynamoHandler) -> object:
    """Answer ExecuteTransaction: all statements read, or none does."""
    read = [_read(self, one) for one in self.body["TransactStatements"]]
    if all(one.verb == "SELECT" and not one.exists for one, _, _ in read):
        items = [_run(self, *_of_one_item(self, *one))[0] for one in read]
        return _answer({"Responses": [{"Item": i[0]} if i else {} for i in items]})
    writes = [
        _written(*one, failed=said.get("ReturnValuesOnConditionCheckFailure", ""))
        for one, said in zip(read, self.body["TransactStatements"], strict=True)
    ]
    _call(self, "transact_write_items", {"TransactItems": writes})
    return _answer({"Responses": [{} for _ in read]})


def _written(
    _statement: Statement, operation: str, request: Request, *, failed: str
) -> Request:
    if operation not in _WRITES:
        raise MockValidationException(
            "a transaction reads or writes; EXISTS is not known to this emulator"
        )
    request.pop("ReturnValues", None)
    given = {"ReturnValuesOnConditionCheckFailure": failed} if failed else {}
    return {operation.removesuffix("_item").title(): request | given}


def _one(self: DynamoHandler, request: Request) -> Request:
    """Answer one statement of a batch, which is of one item."""
    answer: Request = {}
    try:
        statement, operation, asked = _read(self, request)
        answer["TableName"] = statement.table
        items, _ = _run(self, *_of_one_item(self, statement, operation, asked))
        answer |= {"Item": items[0]} if items else {}
    except JsonRESTError as error:
        # Called otherwise than the error of an operation.
        code = error.relative_error_type.replace(
            "ValidationException", "ValidationError"
        )
        failed = {"Code": code.removesuffix("Exception"), "Message": error.message}
        wanted = request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
        if wanted and isinstance(error, ConditionalCheckFailed):
            key = {name: asked[name] for name in ("TableName", "Key")}
            failed |= _call(self, "get_item", key)
        answer["Error"] = failed
    return answer


def _of_one_item(
    self: DynamoHandler, statement: Statement, operation: str, request: Request
) -> tuple[Statement, str, Request]:
    if statement.verb != "SELECT":
        return statement, operation, request
    with _refusals():
        _, rest = partiql_plain.key_of(statement, _table(self, statement.table))
        if rest or statement.index:
            raise ValueError(
                "Select statements within BatchExecuteStatement must specify the "
                "primary key in the where clause."
            )
    return statement, operation, request


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except (ValueError, UnreadableStatement) as error:
        raise MockValidationException(str(error)) from error


def _read(self: DynamoHandler, said: Request) -> tuple[Statement, str, Request]:
    """Return a statement, and what to ask for it."""
    with _refusals():
        statement = parse(str(said.get("Statement")), said.get("Parameters") or ())
        table = _table(self, statement.table)
        operation, request = partiql_plain.plain(statement, table)
        request = requests.normalised(request)
        if "Key" in request or "Item" in request:
            requests.check(operation, request, lambda _name: table)
        partiql_plain.projection(statement)
    return statement, operation, request


def _table(self: DynamoHandler, name: str) -> partiql_plain.Table:
    if name not in self.dynamodb_backend.tables:
        raise ResourceNotFoundException
    return requests.described(self.dynamodb_backend.tables[name])


def _run(
    self: DynamoHandler, statement: Statement, operation: str, request: Request
) -> tuple[list[Request], Request | None]:
    """Return the items that a statement is answered with, and where to go on."""
    try:
        answer = _call(self, operation, request)
    except ConditionalCheckFailed:
        if statement.verb != "INSERT":
            raise
        kind = _TYPE.format("DuplicateItemException")
        raise DynamodbException(kind, "Duplicate primary key exists in table") from None
    if statement.verb != "SELECT":
        items = [answer["Attributes"]] if answer.get("Attributes") else []
        return items if statement.returning else [], None
    names = partiql_plain.projection(statement)
    items = [
        {name: item[name] for name in names or item if name in item}
        for item in answer["Items"]
    ]
    return items, answer.get("LastEvaluatedKey")


def _start(token: str) -> Request:
    try:
        start: Request = json.loads(b64decode(token))
    except ValueError:
        raise MockValidationException("Invalid NextToken") from None
    return start


def _call(self: DynamoHandler, operation: str, request: Request) -> Request:
    """Ask moto as if the request had come instead of the statement."""
    asked = copy(self)
    asked.body = request
    answer = getattr(asked, operation)()
    # A release of moto returns JSON, a later one an object.
    found: Request = json.loads(answer) if isinstance(answer, str) else answer.result
    return found


def _answer(found: Request) -> object:
    return getattr(responses, "DynamoResult", json.dumps)(found)
