"""Makes API calls and tells how each was answered, here or inside a function.

Its file alone is the code of a probe function: nothing of the harness is imported.
"""

from collections.abc import Callable, Sequence
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

# A call: {"service", "operation", "parameters"}; an answer: {"code", "message",
# "status"}, where the code of a success is empty.
type Call = dict[str, Any]
type Answer = dict[str, Any]

_ONCE = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=10)


def handler(event: dict[str, list[Call]], _context: object) -> list[Answer]:
    """Lambda entry point: make the calls of the event with the function's own role."""
    return make(event["calls"], boto3.client)


def make(calls: Sequence[Call], client: Callable[..., Any]) -> list[Answer]:
    """Make the calls one by one, each once."""
    clients: dict[str, Any] = {}
    answers = []
    for call in calls:
        service = call["service"]
        if service not in clients:
            clients[service] = client(service, config=_ONCE)
        answers.append(_answer(clients[service], call))
    return answers


def _answer(client: Any, call: Call) -> Answer:  # noqa: ANN401 - made at run time
    try:
        getattr(client, call["operation"])(**call["parameters"])
    except ClientError as error:
        return {
            "code": error.response["Error"]["Code"],
            "message": error.response["Error"].get("Message", ""),
            "status": error.response["ResponseMetadata"]["HTTPStatusCode"],
        }
    return {"code": "", "message": "", "status": 200}
