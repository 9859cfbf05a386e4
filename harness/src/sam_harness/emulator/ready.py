"""Waiting until a LocalStack serves with our plugin in it, in both modes."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request

from sam_harness.emulator.emulator import session
from sam_harness.emulator.gate_client import check_canary, urlopen
from sam_harness.errors import HarnessError
from sam_harness.waiting import wait_until

# What /_harness/health says where every piece of the plugin is in use.
EXPECTED = {"executor": "process", "dynamodb": "moto", "s3": "own", "gate": "active"}
LOG_LINES = 20


def wait_until_ready(
    endpoint_url: str, *, timeout_s: float, has_ended: Callable[[], bool]
) -> dict[str, Any]:
    """Return LocalStack's own health, once it answers with our plugin active.

    Raises:
        HarnessError: it ended, was not ready in time, runs without our plugin, or its
            IAM gate does not refuse what it must.

    """

    def look() -> dict[str, Any] | OSError:
        ended = has_ended()  # before asking: another LocalStack might answer instead
        seen = _health(endpoint_url)
        if ended and isinstance(seen, OSError):
            raise HarnessError("LocalStack ended while it was starting")
        return seen

    health = wait_until(
        look,
        lambda seen: not isinstance(seen, OSError),
        what="start of LocalStack",
        timeout_s=timeout_s,
        poll_s=0.02,
    )
    assert not isinstance(health, OSError)
    check_canary(partial(session, endpoint_url, "us-east-1"))
    _preload(endpoint_url)
    return health


def check(endpoint_url: str) -> dict[str, Any]:
    """Return the health of a LocalStack that is running already.

    Raises:
        HarnessError: it does not answer, runs without our plugin, or its IAM gate does
            not refuse what it must.

    """
    health = _health(endpoint_url)
    if isinstance(health, OSError):
        raise HarnessError(f"no LocalStack answers ({health})")
    check_canary(partial(session, endpoint_url, "us-east-1"))
    return health


def ready_or_log_end(
    endpoint_url: str, log: Path, *, timeout_s: float, has_ended: Callable[[], bool]
) -> dict[str, Any]:
    """Do what ``wait_until_ready`` does; an error tells the end of the log, too."""
    try:
        return wait_until_ready(endpoint_url, timeout_s=timeout_s, has_ended=has_ended)
    except HarnessError as error:
        lines = log.read_text(errors="replace").splitlines()[-LOG_LINES:]
        ending = "\n".join(lines)
        raise HarnessError(f"{error}; its log ends:\n{ending}") from None


@contextmanager
def undone_on_failure(undo: Callable[[], None]) -> Iterator[None]:
    """Call ``undo`` when the block does not end well, Ctrl-C included."""
    try:
        yield
    except BaseException:  # however it ends: this is the only place to undo it
        undo()
        raise


def _health(endpoint_url: str) -> dict[str, Any] | OSError:
    """Return LocalStack's health with our plugin in it, or why it does not answer."""
    try:
        active = _get(f"{endpoint_url}/_harness/health")
    except HTTPError as error:
        error.close()
        # Routes are there before the port is open.
        raise HarnessError(f"LocalStack runs without our plugin ({error})") from None
    except OSError as error:
        return error
    if {name: active.get(name) for name in EXPECTED} != EXPECTED:
        raise HarnessError(
            f"LocalStack runs without our plugin: {active}, not {EXPECTED}"
        )
    return active


def _preload(endpoint_url: str) -> None:
    # From here on it has time for what the first deployment would wait for.
    url = f"{endpoint_url}/_harness/preload"
    request = Request(url, method="POST")  # noqa: S310 - LocalStack's own URL
    try:
        urlopen(request, timeout=5).close()
    except OSError as error:
        raise HarnessError(f"LocalStack does not load services: {error}") from None


def _get(url: str) -> dict[str, Any]:
    with urlopen(url, timeout=5) as answer:
        told: dict[str, Any] = json.load(answer)
    return told
