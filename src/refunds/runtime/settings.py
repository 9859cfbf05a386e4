"""The environment as typed objects: complete and valid, or no INIT at all."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

_URL = re.compile(r"https?://[^\s/]+(/\S*)?")
_LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class SettingsError(Exception):
    """The function's environment is wrong; the message names every variable."""


class ReceiverSettings(NamedTuple):
    """What the Receiver needs to know."""

    stage: str
    table_name: str
    queue_url: str
    decision_limit: Decimal

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings; raise SettingsError when any variable is wrong."""
        variables = _Variables(environment)
        settings = cls(
            stage=variables.telemetry_stage(),
            table_name=variables.text("TABLE_NAME"),
            queue_url=variables.url("QUEUE_URL"),
            decision_limit=variables.number("DECISION_LIMIT"),
        )
        variables.check()
        return settings


class ProcessorSettings(NamedTuple):
    """What the Processor needs to know; no gateway URL means a simulated one."""

    stage: str
    table_name: str
    decision_limit: Decimal
    gateway_url: str
    gateway_connect_timeout_s: float
    gateway_read_timeout_s: float

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings; raise SettingsError when any variable is wrong."""
        variables = _Variables(environment)
        settings = cls(
            stage=variables.telemetry_stage(),
            table_name=variables.text("TABLE_NAME"),
            decision_limit=variables.number("DECISION_LIMIT"),
            gateway_url=variables.url("GATEWAY_URL", may_be_empty=True),
            gateway_connect_timeout_s=variables.seconds("GATEWAY_CONNECT_TIMEOUT_S"),
            gateway_read_timeout_s=variables.seconds("GATEWAY_READ_TIMEOUT_S"),
        )
        variables.check()
        return settings


class ReaderSettings(NamedTuple):
    """What the Reader needs to know."""

    stage: str
    table_name: str
    order_index_name: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings; raise SettingsError when any variable is wrong."""
        variables = _Variables(environment)
        settings = cls(
            stage=variables.telemetry_stage(),
            table_name=variables.text("TABLE_NAME"),
            order_index_name=variables.text("ORDER_INDEX_NAME"),
        )
        variables.check()
        return settings


class _Variables:
    """Reads variables and remembers what is wrong, to say it all at once."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._problems: list[str] = []

    def check(self) -> None:
        if self._problems:
            raise SettingsError(
                "bad environment variables: " + "; ".join(self._problems)
            )

    def telemetry_stage(self) -> str:
        """Read STAGE, and check what the log and the metrics read themselves."""
        self.text("POWERTOOLS_SERVICE_NAME")
        self.text("POWERTOOLS_METRICS_NAMESPACE")
        level = self._environment.get("POWERTOOLS_LOG_LEVEL", "INFO")
        if level not in _LOG_LEVELS:
            self._reject("POWERTOOLS_LOG_LEVEL", "one of " + " ".join(_LOG_LEVELS))
        return self.text("STAGE")

    def text(self, name: str) -> str:
        value = self._environment.get(name, "").strip()
        if not value:
            self._reject(name, "set and not blank")
        return value

    def url(self, name: str, *, may_be_empty: bool = False) -> str:
        value = self._environment.get(name)
        if value == "" and may_be_empty:
            return value
        # The value may hold credentials, so the message does not repeat it.
        if value is None or not _URL.fullmatch(value):
            self._reject(name, "an http(s) URL" + " or empty" * may_be_empty)
            return ""
        return value

    def number(self, name: str) -> Decimal:
        try:
            value = Decimal(self._environment.get(name, ""))
        except InvalidOperation:
            value = Decimal("NaN")
        if value.is_finite() and value >= 0:
            return value
        self._reject(name, "a number of 0 or more")
        return Decimal(0)

    def seconds(self, name: str) -> float:
        value = float(self.number(name))
        if value == 0:
            self._reject(name, "a number of seconds above 0")
        return value

    def _reject(self, name: str, requirement: str) -> None:
        problem = f"{name} must be {requirement}"
        if not any(known.startswith(f"{name} ") for known in self._problems):
            self._problems.append(problem)
