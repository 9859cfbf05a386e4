"""One runtime process: awslambdaric with one function in it."""

import contextlib
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

from harness import processes
from harness.localstack_plugin.function_log import Output
from harness.localstack_plugin.runtime_api import Call, Event, Exited, RuntimeApi

KILL_TIMEOUT_S = 10


@dataclass(frozen=True, slots=True)
class FunctionSpec:
    """What it takes to run a function; ``environment`` is all it will see."""

    handler: str
    code: Path
    environment: Mapping[str, str]
    timeout_s: float
    memory_mb: int
    version: str
    runtime: str = "python:3.13"
    is_traced: bool = False


class RuntimeProcess:
    """A process and the Runtime API it talks to; both end together."""

    def __init__(self, python: Path, function: FunctionSpec) -> None:
        self._events: SimpleQueue[Event] = SimpleQueue()
        self._api = RuntimeApi(self._events)
        self._output = Output()
        self.started = time.monotonic()
        try:
            self._process = self._start(python, function)
        except OSError:
            self._output.close()
            self._api.close()
            raise
        os.close(self._output.writable)
        threading.Thread(target=self._watch, name="lambda-watch", daemon=True).start()

    def _start(self, python: Path, function: FunctionSpec) -> processes.Supervised:
        env = {
            **function.environment,
            "AWS_LAMBDA_RUNTIME_API": self._api.address,
        }
        output = self._output.writable
        # -B: on AWS the code is read-only, so no bytecode is kept.
        command = [str(python), "-B", "-m", "awslambdaric", function.handler]
        return processes.start(command, env=env, cwd=function.code, output=output)

    def _watch(self) -> None:
        self._output.collect()
        status = self._process.wait()
        self._api.close()
        self._events.put(Exited(status))

    def post(self, call: Call, timeout_s: float) -> None:
        """Give the process a call that it has ``timeout_s`` to answer."""
        self._api.post(call, timeout_s)

    def next_event(self, timeout_s: float) -> Event | None:
        """Wait for what the process says next; None: nothing in ``timeout_s``."""
        try:
            return self._events.get(timeout=max(timeout_s, 0))
        except Empty:
            return None

    def take_output(self) -> str:
        """Return what the process has written since the last call."""
        return self._output.take()

    def max_memory_mb(self) -> int:
        """Return the most memory the process has held so far; 0 when it is gone."""
        with contextlib.suppress(OSError, IndexError):
            status = Path(f"/proc/{self._process.pid}/status").read_text()
            return int(status.partition("VmHWM:")[2].split()[0]) // 1024
        return 0

    @property
    def has_ended(self) -> bool:
        """Whether the process is gone, or about to be reported gone."""
        return self._process.command_has_ended

    def kill(self) -> None:
        """End the process and whatever it started; returns when they are gone."""
        self._process.end(KILL_TIMEOUT_S)
