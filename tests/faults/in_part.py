"""Batches that AWS performs, or answers, in part."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from faults.wire import Answered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from faults.fault import Fault
    from faults.wire import Asked

    type Perform = Callable[[Asked], Answered]


def answered(status: int, answer: Mapping[str, object]) -> Answered:
    """Return what botocore has answered as it goes over the wire."""
    told = {name: one for name, one in answer.items() if name != "ResponseMetadata"}
    return Answered(status, json.dumps(told, default=str).encode())


def performed_in_part(perform: Perform, asked: Asked, fault: Fault) -> Answered:
    """Perform a batch as the fault says."""
    parameters = json.loads(asked.body)
    match asked.operation:
        case "BatchGetItem":
            return _read_first(perform, asked, parameters)
        case "BatchExecuteStatement":
            return _write_in_part(perform, asked, parameters, fault)
    done = json.loads(perform(asked).body)
    return answered(200, {**done, "Successful": done["Successful"][:-1]})


def _read_first(perform: Perform, asked: Asked, parameters: dict[str, Any]) -> Answered:
    """Read the first item, and say that the others were not processed."""
    (table, wanted), *_ = parameters["RequestItems"].items()
    keys = wanted["Keys"]
    one = {**parameters, "RequestItems": {table: {**wanted, "Keys": keys[:1]}}}
    read = json.loads(perform(_asking(asked, one)).body)
    left = {table: {**wanted, "Keys": keys[1:]}} if keys[1:] else {}
    return answered(200, {**read, "UnprocessedKeys": left})


def _write_in_part(
    perform: Perform, asked: Asked, parameters: dict[str, Any], fault: Fault
) -> Answered:
    """Write all statements or all but the last, which is said to have failed."""
    statements = parameters["Statements"]
    written = statements[:-1] if fault.does == "halves" else statements
    answers = []
    if written:
        done = perform(_asking(asked, {**parameters, "Statements": written}))
        answers = json.loads(done.body)["Responses"]
    answers = answers[: len(statements) - 1]
    if fault.does != "shortens":
        answers.append({"Error": {"Code": "ThrottlingError", "Message": "slowly"}})
    return answered(200, {"Responses": answers})


def _asking(asked: Asked, parameters: object) -> Asked:
    return replace(asked, body=json.dumps(parameters).encode())
