"""The environment as typed objects: complete and valid, or no INIT at all."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

_URL = re.compile(r"https?://[^\s/]+(/\S*)?")
# Without user:password@, which no request would carry, and which the log would show.
_GATEWAY_URL = re.compile(r"https?://[^\s/?#@]+(/[^\s?#]*)?")
_CURRENCY = re.compile(r"[A-Z]{3}")
_DAYS = re.compile(r"[0-9]{1,4}")
_LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


# For 14 days messages, the Sweeper and people send a refund again (docs/promise.md);
# its record outlives that, and as long again.
_SHORTEST_RETENTION_DAYS = 30

SIMULATED = "simulated"
# Where no money moves; every other stage is a production, whatever it is called.
HARMLESS = {"test", "local", "preview"}


class SettingsError(Exception):
    """The function's environment is wrong; the message names every variable."""


class ReceiverSettings(NamedTuple):
    """What the Receiver needs to know."""

    stage: str
    table_name: str
    queue_url: str
    decision_limit: Decimal
    currency_decimals: int

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings; raise SettingsError when any variable is wrong."""
        with _Variables(environment) as variables:
            return cls(
                stage=variables.telemetry_stage(),
                table_name=variables.text("TABLE_NAME"),
                queue_url=variables.url("QUEUE_URL"),
                decision_limit=variables.number("DECISION_LIMIT"),
                currency_decimals=variables.currency_decimals(),
            )


class ProcessorSettings(NamedTuple):
    """What the Processor needs to know; the gateway's URL may be `SIMULATED`."""

    stage: str
    table_name: str
    queue_url: str
    longest_retry_s: float
    decision_limit: Decimal
    gateway_url: str
    gateway_connect_timeout_s: float
    gateway_read_timeout_s: float
    gateway_pause_s: float
    gateway_secret_arn: str
    gateway_key_retention: timedelta
    gateway_look_up: bool
    retention: timedelta | None
    currency: str
    currency_decimals: int

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings; raise SettingsError when any variable is wrong."""
        with _Variables(environment) as variables:
            return cls(
                stage=variables.telemetry_stage(),
                table_name=variables.text("TABLE_NAME"),
                queue_url=variables.url("QUEUE_URL"),
                longest_retry_s=variables.positive("LONGEST_RETRY_S"),
                decision_limit=variables.number("DECISION_LIMIT"),
                gateway_url=variables.gateway_url(),
                gateway_connect_timeout_s=variables.positive(
                    "GATEWAY_CONNECT_TIMEOUT_S"
                ),
                gateway_read_timeout_s=variables.positive("GATEWAY_READ_TIMEOUT_S"),
                gateway_pause_s=float(variables.number("GATEWAY_PAUSE_S")),
                gateway_secret_arn=variables.gateway_secret_arn(),
                gateway_key_retention=variables.hours("GATEWAY_KEY_RETENTION_HOURS"),
                gateway_look_up=variables.boolean("GATEWAY_LOOK_UP"),
                retention=variables.retention(),
                currency=variables.currency(),
                currency_decimals=variables.currency_decimals(),
            )


class ReaderSettings(NamedTuple):
    """What the Reader needs to know."""

    stage: str
    table_name: str
    order_index_name: str
    currency: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings; raise SettingsError when any variable is wrong."""
        with _Variables(environment) as variables:
            return cls(
                stage=variables.telemetry_stage(),
                table_name=variables.text("TABLE_NAME"),
                order_index_name=variables.text("ORDER_INDEX_NAME"),
                currency=variables.currency(),
            )


class SweeperSettings(NamedTuple):
    """What the Sweeper needs to know."""

    stage: str
    table_name: str
    undecided_index_name: str
    queue_url: str
    undecided_after: timedelta
    gateway_key_retention: timedelta
    gateway_look_up: bool

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings; raise SettingsError when any variable is wrong."""
        with _Variables(environment) as variables:
            return cls(
                stage=variables.telemetry_stage(),
                table_name=variables.text("TABLE_NAME"),
                undecided_index_name=variables.text("UNDECIDED_INDEX_NAME"),
                queue_url=variables.url("QUEUE_URL"),
                undecided_after=timedelta(
                    minutes=variables.positive("UNDECIDED_AFTER_MINUTES")
                ),
                gateway_key_retention=variables.hours("GATEWAY_KEY_RETENTION_HOURS"),
                gateway_look_up=variables.boolean("GATEWAY_LOOK_UP"),
            )


class _Variables:
    """Reads variables and remembers what is wrong, to say it all at once."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._problems: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if self._problems and kind is None:
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

    def url(self, name: str) -> str:
        value = self._environment.get(name, "")
        if not _URL.fullmatch(value):
            self._reject(name, "an http(s) URL")
        return value

    @property
    def _moves_money(self) -> bool:
        return self._environment.get("STAGE", "") not in {*HARMLESS, ""}

    def gateway_url(self) -> str:
        """Read the URL; on production the money goes encrypted, to a real gateway."""
        name = "GATEWAY_URL"
        value = self._environment.get(name, "")
        # The value may hold credentials, so no message repeats it.
        if self._moves_money:
            if not (_GATEWAY_URL.fullmatch(value) and value.startswith("https:")):
                self._reject(name, "an https URL on production, without credentials")
        elif value != SIMULATED and not _GATEWAY_URL.fullmatch(value):
            self._reject(name, f"an http(s) URL without credentials, or {SIMULATED!r}")
        return value

    def gateway_secret_arn(self) -> str:
        name = "GATEWAY_SECRET_ARN"
        value = self._environment.get(name)
        if value is None or (not value and self._moves_money):
            self._reject(name, "set, and not empty on production")
        return value or ""

    def boolean(self, name: str) -> bool:
        value = self._environment.get(name)
        if value not in {"true", "false"}:
            self._reject(name, "true or false")
        return value == "true"

    def currency(self) -> str:
        value = self._environment.get("CURRENCY", "")
        if not _CURRENCY.fullmatch(value):
            self._reject("CURRENCY", "three letters of ISO 4217")
        return value

    def currency_decimals(self) -> int:
        value = self._environment.get("CURRENCY_DECIMALS")
        if value not in {"0", "2", "3"}:
            self._reject("CURRENCY_DECIMALS", "0, 2 or 3")
            return 0
        return int(value)

    def number(self, name: str) -> Decimal:
        try:
            value = Decimal(self._environment.get(name, ""))
        except InvalidOperation:
            value = Decimal("NaN")
        if value.is_finite() and value >= 0:
            return value
        self._reject(name, "a number of 0 or more")
        return Decimal(0)

    def hours(self, name: str) -> timedelta:
        return timedelta(hours=float(self.number(name)))

    def retention(self) -> timedelta | None:
        """Read how long decided refunds are kept; None is for ever."""
        name = "RETENTION_DAYS"
        value = self._environment.get(name, "")
        days = int(value) if _DAYS.fullmatch(value) else -1
        if days and days < _SHORTEST_RETENTION_DAYS:
            self._reject(name, f"0 or at least {_SHORTEST_RETENTION_DAYS}")
        return timedelta(days) if days else None

    def positive(self, name: str) -> float:
        value = float(self.number(name))
        if value == 0:
            self._reject(name, "a number above 0")
        return value

    def _reject(self, name: str, requirement: str) -> None:
        problem = f"{name} must be {requirement}"
        if not any(known.startswith(f"{name} ") for known in self._problems):
            self._problems.append(problem)
