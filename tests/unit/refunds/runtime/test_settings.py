"""The environment: every bad variable is named at once, during INIT."""

import gc
import sys
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from importlib import import_module

import pytest

from refunds.runtime.settings import (
    ProcessorSettings,
    ReaderSettings,
    ReceiverSettings,
    SettingsError,
    SweeperSettings,
)
from unit.refunds.entry_points import ENVIRONMENT

GOOD = ENVIRONMENT | {"GATEWAY_URL": "http://127.0.0.1:1/"}
EVERYWHERE = {"STAGE", "POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE"}
GATEWAY = {
    "GATEWAY_URL",
    "GATEWAY_CONNECT_TIMEOUT_S",
    "GATEWAY_READ_TIMEOUT_S",
    "GATEWAY_PAUSE_S",
    "GATEWAY_SECRET_ARN",
    "GATEWAY_KEY_RETENTION_HOURS",
    "GATEWAY_LOOK_UP",
}
PRODUCTION = GOOD | {
    "STAGE": "production",
    "GATEWAY_URL": "https://gateway.example/v1",
    "GATEWAY_SECRET_ARN": "arn:aws:secretsmanager:us-east-1:1:secret:gateway",
}


@pytest.mark.parametrize(
    ("load", "own"),
    [
        (
            ReceiverSettings.from_environment,
            {"TABLE_NAME", "QUEUE_URL", "DECISION_LIMIT", "CURRENCY_DECIMALS"},
        ),
        (
            ReaderSettings.from_environment,
            {"TABLE_NAME", "ORDER_INDEX_NAME", "CURRENCY"},
        ),
        (
            SweeperSettings.from_environment,
            {
                "TABLE_NAME",
                "UNDECIDED_INDEX_NAME",
                "QUEUE_URL",
                "UNDECIDED_AFTER_MINUTES",
                "GATEWAY_KEY_RETENTION_HOURS",
                "GATEWAY_LOOK_UP",
            },
        ),
        (
            ProcessorSettings.from_environment,
            {
                "TABLE_NAME",
                "QUEUE_URL",
                "LONGEST_RETRY_S",
                "DECISION_LIMIT",
                "CURRENCY",
                "RETENTION_DAYS",
                *GATEWAY,
            },
        ),
    ],
)
def test_empty_environment_names_every_variable_once(
    load: Callable[[dict[str, str]], object], own: set[str]
) -> None:
    """One deployment is enough to repair them all."""
    with pytest.raises(SettingsError) as raised:
        load({})

    message = str(raised.value)
    named = EVERYWHERE | own
    assert {name for name in named if message.count(f"{name} must") == 1} == named


def test_complete_environment_becomes_typed_settings() -> None:
    """Numbers are numbers."""
    settings = ProcessorSettings.from_environment(GOOD)

    assert settings.decision_limit == Decimal(1000)
    assert settings.gateway_connect_timeout_s == 0.5
    assert settings.gateway_url == GOOD["GATEWAY_URL"]
    assert settings.gateway_key_retention == timedelta(days=1)
    assert settings.gateway_look_up is True
    assert settings.retention is None
    assert (settings.currency, settings.currency_decimals) == ("EUR", 2)


def test_sweeper_measures_with_its_own_settings() -> None:
    """In minutes and hours, as the template's parameters are."""
    settings = SweeperSettings.from_environment(GOOD)

    assert settings.undecided_after == timedelta(hours=1)
    assert settings.gateway_key_retention == timedelta(days=1)
    with pytest.raises(SettingsError, match="UNDECIDED_AFTER_MINUTES"):
        SweeperSettings.from_environment(GOOD | {"UNDECIDED_AFTER_MINUTES": "0"})


def test_simulated_gateway_has_to_be_said() -> None:
    """An empty URL is a forgotten one."""
    settings = ProcessorSettings.from_environment(GOOD | {"GATEWAY_URL": "simulated"})

    assert settings.gateway_url == "simulated"
    with pytest.raises(SettingsError, match="GATEWAY_URL"):
        ProcessorSettings.from_environment(GOOD | {"GATEWAY_URL": ""})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GATEWAY_URL", "http://gateway.example/v1"),
        ("GATEWAY_URL", "simulated"),
        ("GATEWAY_SECRET_ARN", ""),
    ],
)
def test_production_pays_encrypted_and_with_credentials(name: str, value: str) -> None:
    """CloudFormation cannot tell http from https, the function can."""
    assert ProcessorSettings.from_environment(PRODUCTION).stage == "production"

    with pytest.raises(SettingsError, match=name):
        ProcessorSettings.from_environment(PRODUCTION | {name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DECISION_LIMIT", "-1"),
        ("DECISION_LIMIT", "a lot"),
        ("DECISION_LIMIT", "NaN"),
        ("DECISION_LIMIT", "Infinity"),
        ("GATEWAY_URL", "ftp://gateway"),
        ("GATEWAY_URL", "gateway.example"),
        ("GATEWAY_URL", "https://"),
        ("GATEWAY_URL", "https:///refunds"),
        ("GATEWAY_URL", "https://gateway example"),
        ("GATEWAY_URL", "https://me:s3cret@gateway.example"),
        ("GATEWAY_URL", "https://gateway.example?key=s3cret"),
        ("GATEWAY_KEY_RETENTION_HOURS", "-1"),
        ("GATEWAY_LOOK_UP", "yes"),
        ("RETENTION_DAYS", "29"),
        ("RETENTION_DAYS", "-30"),
        ("RETENTION_DAYS", "30.5"),
        ("CURRENCY", "euro"),
        ("CURRENCY_DECIMALS", "1"),
        ("GATEWAY_READ_TIMEOUT_S", "0"),
        ("GATEWAY_READ_TIMEOUT_S", "-1"),
        ("GATEWAY_CONNECT_TIMEOUT_S", ""),
        ("TABLE_NAME", " "),
        ("STAGE", ""),
        ("POWERTOOLS_LOG_LEVEL", "LOUD"),
    ],
)
def test_bad_value_is_named_alone(name: str, value: str) -> None:
    """And nothing else is blamed."""
    with pytest.raises(SettingsError, match=name) as raised:
        ProcessorSettings.from_environment(GOOD | {name: value})

    assert ";" not in str(raised.value)


def test_message_does_not_repeat_a_url() -> None:
    """A URL may hold a password."""
    with pytest.raises(SettingsError) as raised:
        ProcessorSettings.from_environment(GOOD | {"GATEWAY_URL": "x://me:s3cret@h"})

    assert "s3cret" not in str(raised.value)


def test_bad_environment_ends_init_with_that_message(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Importing the entry point is Lambda's INIT."""
    for name, value in (ENVIRONMENT | {"QUEUE_URL": "", "STAGE": ""}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delitem(sys.modules, "refunds.functions.receiver", raising=False)

    with pytest.raises(SettingsError, match=r"^bad environment") as raised:
        import_module("refunds.functions.receiver")
    gc.enable()  # as an entry point does once it is loaded

    assert "QUEUE_URL" in str(raised.value)
    assert "STAGE" in str(raised.value)
