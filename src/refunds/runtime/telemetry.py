"""Logs and metrics: one JSON object per line, on standard output."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import Metrics

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities import typing as powertools

type LambdaContext = powertools.LambdaContext

type Counter = Literal[
    "RefundAccepted",
    "RefundApproved",
    "RefundRejected",
    "GatewayFailure",
    "PaymentPending",
    "RefundNeedsPerson",
    "DecisionFailure",
]


# Whose line a log record names: that of the code which called the BoundLog.
_CALLER = 3


@dataclass(frozen=True, slots=True)
class BoundLog:
    """A log whose every line carries the same keys.

    The keys travel with each call instead of being set on the logger: the records of
    a batch share the logger, and its own appended keys would mix between threads.
    """

    logger: Logger
    keys: dict[str, object]

    def bind(self, **keys: object) -> BoundLog:
        """Return a log that carries these keys as well."""
        return BoundLog(self.logger, self.keys | keys)

    def info(self, message: str, **keys: object) -> None:
        """Log what happened."""
        self.logger.info(message, extra=self.keys | keys, stacklevel=_CALLER)

    def failure(self, message: str, cause: object, **keys: object) -> None:
        """Log, as an error, a failure that was foreseen; its cause is enough."""
        extra = self.keys | {"cause": str(cause)} | keys
        self.logger.error(message, extra=extra, stacklevel=_CALLER)

    def unexpected(self, message: str, error: Exception) -> None:
        """Log an unforeseen error, with its stack."""
        self.logger.error(message, exc_info=error, extra=self.keys, stacklevel=_CALLER)


class Telemetry:
    """Logger and metrics of one function.

    Service, namespace and level come from the POWERTOOLS_ variables.
    """

    def __init__(self, stage: str) -> None:
        self._logger = Logger(utc=True, use_rfc3339=True)
        self._metrics = Metrics()
        self._metrics.set_default_dimensions(stage=stage)

    def log(self, request_id: str) -> BoundLog:
        """Return the log of one invocation; the trace id is in every line anyway."""
        return BoundLog(self._logger, {"function_request_id": request_id})

    def count(self, name: Counter) -> None:
        """Count one more; not safe between threads."""
        self._metrics.add_metric(name, "Count", 1)

    def time_to_decision(self, duration_ms: float) -> None:
        """Add one refund's time from acceptance to decision."""
        self._metrics.add_metric("TimeToDecision", "Milliseconds", duration_ms)

    def flush(self) -> None:
        """Write the invocation's metrics as one line, if there are any."""
        if self._metrics.provider.metric_set:
            self._metrics.flush_metrics()
