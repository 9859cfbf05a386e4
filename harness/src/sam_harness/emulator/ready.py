"""Tells whether a LocalStack serves with our plugin in it: one starting, or running."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http.client import BadStatusLine, HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

from sam_harness import project
from sam_harness.emulator import choice, unproven
from sam_harness.emulator.emulator import Emulator, session
from sam_harness.emulator.environment import MODULE
from sam_harness.emulator.gate_client import HEALTH, check_canary, urlopen
from sam_harness.errors import HarnessError, said_plainly
from sam_harness.waiting import wait_until

# What /_harness/health says where every piece of the plugin is in use.
EXPECTED = {"executor": "process", "dynamodb": "moto", "s3": "own", "gate": "active"}
LOG_LINES = 20
_OTHERWISE = (
    "attach to one that this harness has started, or say --foreign-emulator to run "
    "without what needs the gate"
)


def wait_until_ready(
    endpoint_url: str, log: Path, *, timeout_s: float, has_ended: Callable[[], bool]
) -> dict[str, Any]:
    """Return LocalStack's own health, once it answers with our plugin active.

    Raises:
        HarnessError: it ended, was not ready in time, runs without our plugin, or its
            IAM gate does not refuse what it must; tells the end of its log.
    """
    try:
        health = _first_health(endpoint_url, timeout_s, has_ended)
        check_canary(partial(session, endpoint_url))
        unproven.allow(endpoint_url, project.current().allow_unproven)
    except HarnessError as error:
        ending = "\n".join(log.read_text(errors="replace").splitlines()[-LOG_LINES:])
        raise HarnessError(f"{error}; its log ends:\n{ending}") from None
    return health


def attach(url: str, *, foreign: bool) -> Emulator:
    """Return the LocalStack that runs at ``url``, once its gate is seen to work.

    Where it is ``foreign`` it need only answer; its gate is taken for missing.

    Raises:
        HarnessError: nothing answers there, or there is no gate that works.
    """
    if foreign:
        _check_that_something_answers(url)
        told, log = f"a LocalStack that is not ours, without IAM gate, at {url}", ""
    else:
        try:
            health = _health_of_running(url)
        except HarnessError as error:
            said = f"cannot attach to {url}: {error}: {_OTHERWISE}"
            raise HarnessError(said) from None
        told = f"LocalStack {health['version']}, already running, at {url}"
        log = _log_of(health["pid"])
    return Emulator(
        mode=choice.ATTACHED,
        description=told,
        endpoint_url=url,
        log=log,
        has_gate=not foreign,
    )


@contextmanager
def undone_on_failure(undo: Callable[[], None]) -> Iterator[None]:
    """Call ``undo`` when the block does not end well, Ctrl-C included."""
    try:
        yield
    except BaseException:  # however it ends: this is the only place to undo it
        undo()
        raise


def _first_health(
    endpoint_url: str, timeout_s: float, has_ended: Callable[[], bool]
) -> dict[str, Any]:
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
    return health


def _health_of_running(endpoint_url: str) -> dict[str, Any]:
    health = _health(endpoint_url)
    if isinstance(health, OSError):
        raise HarnessError(f"no LocalStack answers ({health})")
    with said_plainly():
        check_canary(partial(session, endpoint_url))
    unproven.allow(endpoint_url, project.current().allow_unproven)
    return health


def _health(endpoint_url: str) -> dict[str, Any] | OSError:
    """Return LocalStack's health with our plugin in it, or why it does not answer."""
    try:
        with urlopen(endpoint_url + HEALTH, timeout=5) as answer:
            active: Any = json.load(answer)
    except HTTPError as error:
        error.close()
        # Routes are there before the port is open.
        raise HarnessError(f"LocalStack runs without our plugin ({error})") from None
    except OSError as error:
        return error
    except BadStatusLine as error:
        # What connects to a free port, before LocalStack has it, may get it itself.
        if str(error).startswith("GET "):
            return ConnectionRefusedError(f"only an echo: {error}")
        raise HarnessError(f"what answers is no LocalStack ({error!r})") from None
    except (ValueError, HTTPException) as error:
        raise HarnessError(f"what answers is no LocalStack ({error!r})") from None
    told: dict[str, Any] = active if isinstance(active, dict) else {}
    if {name: told.get(name) for name in EXPECTED} != EXPECTED:
        raise HarnessError(
            f"LocalStack runs without our plugin: {active}, not {EXPECTED}"
        )
    return told


def _check_that_something_answers(url: str) -> None:
    try:
        urlopen(url, timeout=5).close()
    except HTTPError as error:  # an answer, too
        error.close()
    except (OSError, ValueError, HTTPException) as error:
        raise HarnessError(f"cannot attach to {url}: {error!r}") from None


def _log_of(pid: int) -> str:
    """Return the file that a LocalStack of this machine writes to; empty: unknown."""
    process = Path("/proc", str(pid))
    with suppress(OSError):  # it is in a container or on another machine
        if MODULE.encode() in (process / "cmdline").read_bytes().split(b"\0"):
            log = (process / "fd" / "1").readlink()
            return str(log) if log.is_file() else ""
    return ""
