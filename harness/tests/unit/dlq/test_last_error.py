"""Finding why a message failed, in moto's logs."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest

from sam_harness.dlq.peek import last_error
from sam_harness.dlq.queues import Clients

GROUP = "/aws/lambda/consumer"
REFUND = "835feca7-4f19-547f-89cf-ced8fec2d597"


def write(clients: Clients, *lines: dict[str, object] | str) -> None:
    """Write lines, a millisecond apart."""
    clients.logs.create_log_group(logGroupName=GROUP)
    clients.logs.create_log_stream(logGroupName=GROUP, logStreamName="stream")
    now_ms = int(time.time() * 1000)
    clients.logs.put_log_events(
        logGroupName=GROUP,
        logStreamName="stream",
        logEvents=[
            {
                "timestamp": now_ms + number,
                "message": line if isinstance(line, str) else json.dumps(line),
            }
            for number, line in enumerate(lines)
        ],
    )


def found(clients: Clients, *values: str) -> str:
    """Return the last error of the past hour as it is shown."""
    since = datetime.now(UTC) - timedelta(hours=1)
    return str(last_error(clients.logs, [GROUP], values, since))


def test_the_last_error_with_the_value_is_found(clients: Clients) -> None:
    """Not an earlier one, nor that of another message, nor one that is no error."""
    write(
        clients,
        {"level": "ERROR", "message": "first", "refundId": REFUND},
        {"level": "ERROR", "message": "failed", "cause": "timeout", "refundId": REFUND},
        {"level": "ERROR", "message": "other", "refundId": REFUND.replace("8", "9")},
        {"level": "INFO", "message": "fine", "refundId": REFUND},
        f"no JSON, but it names {REFUND}",
    )

    assert found(clients, REFUND) == "failed: timeout"


@pytest.mark.parametrize("level", ["WARNING", "CRITICAL"])
def test_other_levels_that_mean_trouble_count(clients: Clients, level: str) -> None:
    """As loggers call them."""
    write(clients, {"level": level, "message": "trouble", "id": REFUND})

    assert found(clients, REFUND) == "trouble"


def test_a_short_value_proves_nothing(clients: Clients) -> None:
    """It may be in any line by chance."""
    write(clients, {"level": "ERROR", "message": "failed", "currency": "EUR"})

    assert found(clients, "EUR") == "None"


def test_a_function_that_never_ran_has_no_error(clients: Clients) -> None:
    """Its log group is not there yet."""
    assert found(clients, REFUND) == "None"
