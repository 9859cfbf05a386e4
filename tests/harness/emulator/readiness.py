"""Waiting until a LocalStack serves with our plugin in it, in both modes."""

import json
import time
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

from harness.emulator.gate_client import check_canary
from harness.emulator.session import session
from harness.errors import HarnessError

# What /_harness/health says where every piece of the plugin is in use.
EXPECTED = {"executor": "process", "dynamodb": "moto", "s3": "own", "gate": "active"}
# LocalStack is asked without the proxy of the caller's environment.
_open = build_opener(ProxyHandler({})).open


def wait_until_ready(
    endpoint_url: str, *, timeout_s: float, has_ended: Callable[[], bool]
) -> dict[str, Any]:
    """Return LocalStack's own health, once it answers with our plugin active.

    Raises:
        HarnessError: it ended, was not ready in time, runs without our plugin, or its
            IAM gate does not refuse what it must.

    """
    deadline = time.monotonic() + timeout_s
    while True:
        ended = has_ended()  # before asking: another LocalStack might answer instead
        try:
            active = _get(f"{endpoint_url}/_harness/health")
        except HTTPError as error:
            error.close()
            # Routes are there before the port is open.
            raise HarnessError(
                f"LocalStack runs without our plugin ({error})"
            ) from None
        except OSError as error:
            last = error
        else:
            if {name: active.get(name) for name in EXPECTED} == EXPECTED:
                check_canary(partial(session, endpoint_url, "us-east-1"))
                return active
            raise HarnessError(
                f"LocalStack runs without our plugin: {active}, not {EXPECTED}"
            )
        if ended:
            raise HarnessError("LocalStack ended while it was starting")
        if time.monotonic() > deadline:
            raise HarnessError(
                f"LocalStack was not ready after {timeout_s:.0f} s (last: {last})"
            )
        time.sleep(0.02)


def _get(url: str) -> dict[str, Any]:
    with _open(url, timeout=5) as answer:
        told: dict[str, Any] = json.load(answer)
    return told
