"""Starts every deployed function, so that one that cannot start is found at once.

On AWS, and in LocalStack, a function that fails at import deploys without complaint
and fails its first caller.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from sam_harness.errors import HarnessError
from sam_harness.localstack.lambda_.runtime_api import INITIALISE

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient


def check(client: "LambdaClient", functions: Mapping[str, str]) -> None:
    """Initialise functions (logical id -> function name); they stay warm.

    Raises:
        HarnessError: names each function that does not start, with its error.
    """
    if listed := failures(client, functions):
        raise HarnessError("\n".join(listed.values()))


def failures(client: "LambdaClient", functions: Mapping[str, str]) -> dict[str, str]:
    """Likewise, and return of each that does not start how it fails."""
    with ThreadPoolExecutor(max(1, len(functions))) as pool:
        told = pool.map(lambda one: failure(client, *one), functions.items())
        return {name: said for name, said in zip(functions, told, strict=True) if said}


def failure(client: "LambdaClient", logical_id: str, name: str) -> str | None:
    """Initialise one function; returns how it fails to start, if it does.

    One that reserves no concurrency is never called:
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
    """
    try:
        answer = client.invoke(
            FunctionName=name, ClientContext=b64encode(INITIALISE.encode()).decode()
        )
    except client.exceptions.TooManyRequestsException:
        # Of an alias LocalStack tells no configuration.
        own = name.split(":")[6 if name.startswith("arn:") else 0]
        reserved = client.get_function_concurrency(FunctionName=own)
        if reserved.get("ReservedConcurrentExecutions") == 0:
            return None
        raise
    payload = json.load(answer["Payload"])
    if not answer.get("FunctionError"):
        return None
    error = payload.get("errorType", "unknown error")
    said = payload.get("errorMessage", "no message")
    return f"{logical_id} ({name}) does not start: {error}: {said}"
