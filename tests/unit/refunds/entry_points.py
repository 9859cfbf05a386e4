"""The four functions in this process: their environment, handlers and output."""

import logging
import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest

from service.contract import contract
from unit.refunds.builders import AContext
from unit.refunds.cloud import QUEUE_URL, TABLE_NAME

READ_TIMEOUT_S = 0.5

ENVIRONMENT = {
    "AWS_DEFAULT_REGION": "us-east-1",
    "STAGE": "test",
    "POWERTOOLS_SERVICE_NAME": "refunds",
    "POWERTOOLS_METRICS_NAMESPACE": "Refunds",
    "TABLE_NAME": TABLE_NAME,
    "QUEUE_URL": QUEUE_URL,
    "ORDER_INDEX_NAME": "GSI1",
    "UNDECIDED_INDEX_NAME": "GSI2",
    "UNDECIDED_AFTER_MINUTES": "60",
    "DECISION_LIMIT": "1000",
    "GATEWAY_CONNECT_TIMEOUT_S": "0.5",
    "GATEWAY_READ_TIMEOUT_S": str(READ_TIMEOUT_S),
    # The tests share the functions: one's outage is none of the others'.
    "GATEWAY_PAUSE_S": "0",
    "LONGEST_RETRY_S": "120",
    "GATEWAY_SECRET_ARN": "",
    "GATEWAY_KEY_RETENTION_HOURS": "24",
    "GATEWAY_LOOK_UP": "true",
    "RETENTION_DAYS": "0",
    "CURRENCY": "EUR",
    "CURRENCY_DECIMALS": "2",
}

type Handler = Callable[..., dict[str, Any]]
type Lines = Callable[[], list[dict[str, Any]]]


def import_entry_points() -> dict[str, ModuleType]:
    """Import the modules of the functions; their log follows pytest's output."""
    names = ("receiver", "processor", "reader", "sweeper")
    modules = {name: import_module(f"refunds.functions.{name}") for name in names}
    modules["impatient"] = another_processor(GATEWAY_READ_TIMEOUT_S="0.02")
    modules["blind"] = another_processor(GATEWAY_LOOK_UP="false")
    for handler in logging.getLogger(ENVIRONMENT["POWERTOOLS_SERVICE_NAME"]).handlers:
        assert isinstance(handler, logging.StreamHandler)
        handler.stream = _StandardOutput()
    return modules


def another_processor(**variables: str) -> ModuleType:
    """Load the Processor once more, with other variables."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        patch.delitem(sys.modules, "refunds.functions.processor")
        return import_module("refunds.functions.processor")


def import_entry_points_for(
    endpoint_url: str, secret_arn: str = ""
) -> dict[str, ModuleType]:
    """Load the functions once more, with clients that call this endpoint."""
    names = ("receiver", "processor", "reader", "sweeper")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", endpoint_url)
        patch.setenv("GATEWAY_SECRET_ARN", secret_arn)
        for name in ("adapters.aws", *(f"functions.{name}" for name in names)):
            patch.delitem(sys.modules, f"refunds.{name}")
        return {name: import_module(f"refunds.functions.{name}") for name in names}


def handler_of(module: ModuleType) -> Handler:
    """Return a function's handler, called with a context as Lambda's.

    What it answers to API Gateway must be in the API's contract, in every test.
    """
    function = module.__name__.rpartition(".")[2]

    def handle(event: Any, timeout_s: float = 30.0) -> dict[str, Any]:  # noqa: ANN401 - any event
        answer: dict[str, Any] = module.handler(event, AContext(timeout_s=timeout_s))
        if function in {"receiver", "reader"}:
            _assert_documented(operation_of(function, event), answer)
        return answer

    return handle


def operation_of(function: str, event: dict[str, Any]) -> str:
    """Return the operation of the contract that an event asks for."""
    if function == "receiver":
        return "createRefund"
    is_one = "refundId" in (event.get("pathParameters") or {})
    return "getRefund" if is_one else "listRefunds"


def _assert_documented(name: str, answer: dict[str, Any]) -> None:
    operation = contract().operations[name]
    status, headers = answer["statusCode"], answer["headers"]
    faults = operation.broken_by(status, headers, answer["body"])
    assert not faults, f"not docs/openapi.yaml: {'; '.join(faults)}"
    unknown = {one.lower() for one in headers} - operation.headers_of(status)
    assert not unknown, f"headers that are not in docs/openapi.yaml: {unknown}"


class _StandardOutput:
    """Standard output as it is now: pytest replaces it for every test."""

    def write(self, text: str) -> None:
        sys.stdout.write(text)

    def flush(self) -> None:
        sys.stdout.flush()
