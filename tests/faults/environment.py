"""An execution environment: a process of its own in which the functions really run.

What Lambda's image and the artefact have in common is imported once, by the server that
forks the environments; clients, connections and settings are each environment's own.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any
from uuid import uuid4

# Only to be there: forked, they need not be loaded again.
import aws_lambda_powertools.metrics  # noqa: F401
import botocore.httpsession
import botocore.session  # noqa: F401

import refunds.adapters.aws
import refunds.adapters.batch_store
import refunds.adapters.gateway
import refunds.adapters.gateway_secret
import refunds.adapters.message
import refunds.domain.processing
import refunds.http.pagination
import refunds.runtime.settings
import refunds.runtime.telemetry  # noqa: F401

if TYPE_CHECKING:
    from collections.abc import Mapping
    from multiprocessing.connection import Connection
    from pathlib import Path

_FORKING = get_context("forkserver")
_FORKING.set_forkserver_preload([__name__])
# An invocation that has not ended by then will not.
_PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How an invocation ended: with an answer, with an error, or not by itself."""

    answer: dict[str, Any] | None
    error: str
    elapsed_s: float

    @property
    def was_killed(self) -> bool:
        """Whether the environment died in the middle of it."""
        return self.answer is None and not self.error


class Environment:
    """One environment; after it was killed the next invocation starts another one."""

    def __init__(self, variables: Mapping[str, str], log: Path | None) -> None:
        self._variables = dict(variables)
        self._log = log
        self._start()

    def _start(self) -> None:
        self._pipe, theirs = _FORKING.Pipe()
        process = _FORKING.Process(
            target=_serve, args=(theirs, self._variables, self._log), daemon=True
        )
        process.start()
        # Not before: one that has not started has no id, and the wire asks for it.
        self._process = process
        theirs.close()

    @property
    def pid(self) -> int:
        """The process, to be killed.

        Raises:
            LookupError: there is none.
        """
        # 0 would be this process's whole group, down to the user's shell.
        if not self._process.pid:
            raise LookupError("the environment has no process")
        return self._process.pid

    def begin(self, function: str, event: object, timeout_s: float) -> None:
        """Begin an invocation."""
        if not self._process.is_alive():
            self.close()
            self._start()
        self._pipe.send((function, event, timeout_s))

    def end(self) -> Ended:
        """Wait until the invocation has ended."""
        try:
            if not self._pipe.poll(_PATIENCE_S):
                raise TimeoutError(f"no end of an invocation within {_PATIENCE_S} s")
            ended: Ended = self._pipe.recv()
        except (EOFError, ConnectionResetError):
            self._process.join()
            return Ended(None, "", 0)
        return ended

    def invoke(self, function: str, event: object, timeout_s: float) -> Ended:
        """Invoke a function, which has so much time, and wait for its end."""
        self.begin(function, event, timeout_s)
        return self.end()

    def let_pass(self, seconds: float) -> None:
        """Set the environment's clock forward; it was frozen for so long."""
        with suppress(OSError):  # killed: the next one begins with its own clock
            self._pipe.send(("", None, seconds))

    def close(self) -> None:
        """End the process."""
        self._pipe.close()
        self._process.kill()
        self._process.join()
        self._process.close()


class _Context:
    """What Lambda passes beside the event; the time runs out as there."""

    def __init__(self, timeout_s: float) -> None:
        self.aws_request_id = str(uuid4())
        self._ends_s = time.monotonic() + timeout_s

    def get_remaining_time_in_millis(self) -> int:
        """Return what is left."""
        return max(0, int((self._ends_s - time.monotonic()) * 1000))


class _Clock:
    """A clock that can be set forward."""

    def __init__(self) -> None:
        self.ahead_s = 0.0
        self._real = time.time

    def time(self) -> float:
        """Return the seconds since 1970, as ``time.time``."""
        return self._real() + self.ahead_s


def _serve(pipe: Connection, variables: Mapping[str, str], log: Path | None) -> None:
    """Invoke what is asked for, until the other end is closed."""
    _redirect(log)
    os.environ |= variables
    clock = _Clock()
    # The wall clock, by which the service measures what gets old.
    time.time = clock.time
    with suppress(EOFError, KeyboardInterrupt):
        while True:
            function, event, number = pipe.recv()
            if function:
                pipe.send(_invoked(function, event, number))
            else:
                clock.ahead_s += number


def _redirect(log: Path | None) -> None:
    target = os.open(
        log or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_APPEND, mode=0o600
    )
    os.dup2(target, sys.stdout.fileno())
    os.dup2(target, sys.stderr.fileno())
    os.close(target)


def _invoked(function: str, event: object, timeout_s: float) -> Ended:
    handler = import_module(f"refunds.functions.{function}").handler
    began_s = time.monotonic()
    try:
        answer, error = handler(event, _Context(timeout_s)), ""
    except Exception as raised:  # noqa: BLE001 - it is the finding
        answer, error = None, f"{type(raised).__name__}: {raised}"
    finally:
        sys.stdout.flush()
    return Ended(answer, error, time.monotonic() - began_s)
