"""What the stub remembers, and how it answers: one table, one queue, one gateway."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

from botocore import xform_name

from harness.localstack_plugin.partiql_update import translate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

type Item = dict[str, Any]
type Answer = tuple[int, Item]

_KEYS = ("PK", "SK")
_ASSIGNMENT = re.compile(r"([#\w]+)\s*=\s*(:\w+)")
_FAILED = "The conditional request failed"


class State:
    """Answers requests; conditions are those that the subjects write, no others."""

    def __init__(self) -> None:
        self._items: dict[tuple[str, ...], Item] = {}
        self._messages: list[Item] = []
        self._charges: dict[str, Item] = {}
        self.requests = 0

    def answer(self, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Answer one request, as status and JSON object."""
        request = json.loads(body) if body else {}
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        self.requests += bool(operation)
        name = xform_name(operation) if operation else f"at_{path.strip('/')}"
        method: Callable[[Item], Answer] = getattr(self, f"_{name}")
        return method(request)

    def _at_seed(self, request: Item) -> Answer:
        for item in request["items"]:
            self._items[_key(item)] = item
        return 200, {}

    def _at_state(self, request: Item) -> Answer:
        """Return what is there, and forget it."""
        del request
        state = {
            "items": list(self._items.values()),
            "messages": self._messages,
            "charges": self._charges,
            "requests": self.requests,
        }
        self.__init__()  # type: ignore[misc] # as new
        return 200, state

    def _at_refunds(self, request: Item) -> Answer:
        """Charge; the payment gateway's own answer."""
        self._charges[request["refundId"]] = request
        reference = f"charge-{request['refundId']}"
        return 200, {"status": "succeeded", "reference": reference}

    def _put_item(self, request: Item) -> Answer:
        stored = self._items.get(_key(request["Item"]))
        if stored is not None and "ConditionExpression" in request:
            return _condition_failed(request, stored)
        self._items[_key(request["Item"])] = request["Item"]
        return 200, {}

    def _get_item(self, request: Item) -> Answer:
        item = self._items.get(_key(request["Key"]))
        return 200, {"Item": item} if item else {}

    def _batch_get_item(self, request: Item) -> Answer:
        found = {}
        for table, wanted in request["RequestItems"].items():
            items = (self._items.get(_key(key)) for key in wanted["Keys"])
            found[table] = [item for item in items if item]
        return 200, {"Responses": found, "UnprocessedKeys": {}}

    def _query(self, request: Item) -> Answer:
        (order,) = request["ExpressionAttributeValues"].values()
        items = [item for item in self._items.values() if item.get("GSI1PK") == order]
        return 200, {"Items": items, "Count": len(items), "ScannedCount": len(items)}

    def _update_item(self, request: Item) -> Answer:
        stored = self._items.get(_key(request["Key"]))
        names = request.get("ExpressionAttributeNames", {})
        values = request["ExpressionAttributeValues"]

        def pairs(expression: str) -> Item:
            return {
                names.get(name, name): values[value]
                for name, value in _ASSIGNMENT.findall(expression)
            }

        asked = pairs(request["ConditionExpression"])
        if stored is None or any(stored.get(name) != asked[name] for name in asked):
            return _condition_failed(request, stored)
        stored |= pairs(request["UpdateExpression"])
        return 200, {}

    def _batch_execute_statement(self, request: Item) -> Answer:
        return 200, {"Responses": [self._execute(one) for one in request["Statements"]]}

    def _execute(self, request: Item) -> Item:
        update = translate(request["Statement"], request["Parameters"], _KEYS)
        status, answer = self._update_item(
            {
                "Key": update.key,
                "UpdateExpression": update.update,
                "ConditionExpression": update.condition,
                "ExpressionAttributeNames": update.names,
                "ExpressionAttributeValues": update.values,
            }
            | request
        )
        if status == 200:
            return {"TableName": update.table}
        error = {"Code": "ConditionalCheckFailed", "Message": _FAILED}
        item = {"Item": answer["Item"]} if "Item" in answer else {}
        return {"Error": error | item, "TableName": update.table}

    def _send_message(self, request: Item) -> Answer:
        self._messages.append(request)
        digest = hashlib.md5(request["MessageBody"].encode()).hexdigest()  # noqa: S324 - SQS's own
        return 200, {"MessageId": "stub", "MD5OfMessageBody": digest}


def _key(item: Item) -> tuple[str, ...]:
    return tuple(item[name]["S"] for name in _KEYS)


def _condition_failed(request: Item, stored: Item | None) -> Answer:
    kind = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"
    answer: Item = {"__type": kind, "message": _FAILED}
    if request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" and stored:
        answer["Item"] = stored
    return 400, answer
