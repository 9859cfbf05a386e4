"""One runtime process: awslambdaric with one function in it.

Its environment variables are Lambda's own and the function's:
https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
"""

import contextlib
import os
import re
import select
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

from sam_harness import processes
from sam_harness.localstack.lambda_.files import Files
from sam_harness.localstack.lambda_.runtime_api import Event, Exited, RuntimeApi

KILL_TIMEOUT_S = 10
# What LocalStack prepares and Lambda has too; what else it prepares is addressed to its
# own runtime's init process.
_OF_LAMBDA = re.compile("_HANDLER|_?AWS_(?!EXECUTION_ENV|LAMBDA_FUNCTION_TIMEOUT)")


@dataclass(frozen=True, slots=True)
class FunctionSpec:
    """What it takes to run a function; ``environment`` is all it will see."""

    handler: str
    files: Files
    runtime: str
    environment: Mapping[str, str]
    timeout_s: float
    memory_mb: int
    version: str
    is_traced: bool = False


def environment_of(
    prepared: Mapping[str, object],
    configured: Mapping[str, str],
    *,
    code: Path,
    runtime: str,
) -> dict[str, str]:
    """Return all that a function of ``runtime`` (python3.13) sees.

    ``prepared`` is what LocalStack would pass to its own runtime container,
    ``configured`` the function's own variables, which win where Lambda lets them.
    """
    return {
        "LANG": "en_US.UTF-8",
        "PATH": "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
        "TZ": ":UTC",
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{runtime}",
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
        **configured,
        **{name: str(v) for name, v in prepared.items() if _OF_LAMBDA.match(name)},
        "LAMBDA_TASK_ROOT": str(code),
    }


class RuntimeProcess:
    """A process and the Runtime API it talks to; both end together.

    ``api`` hands it calls, ``output`` holds what it writes.
    """

    def __init__(self, python: Path, function: FunctionSpec) -> None:
        self._events: SimpleQueue[Event] = SimpleQueue()
        self.api = RuntimeApi(self._events)
        self.output = Output()
        self.started = time.monotonic()
        env = {**function.environment, "AWS_LAMBDA_RUNTIME_API": self.api.address}
        output = self.output.writable
        # -B: on AWS the code is read-only, so no bytecode is kept.
        command = [str(python), "-B", "-m", "awslambdaric", function.handler]
        try:
            files = function.files
            self._process = processes.start(
                command, env=env, cwd=files.code, output=output, root=files.root
            )
            files.keep(self._process.pid)
        except OSError:
            self.output.close()
            self.api.close()
            raise
        os.close(output)
        threading.Thread(target=self._watch, name="lambda-watch", daemon=True).start()

    def _watch(self) -> None:
        self.output.collect()
        status = self._process.wait()
        self.api.close()
        self._events.put(Exited(status))

    def next_event(self, timeout_s: float) -> Event | None:
        """Wait for what the process says next; None: nothing in ``timeout_s``."""
        try:
            return self._events.get(timeout=max(timeout_s, 0))
        except Empty:
            return None

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


class Output:
    """Collects what is written to ``writable``, a pipe's end to give to a process."""

    def __init__(self) -> None:
        self._readable, self.writable = os.pipe()
        os.set_blocking(self._readable, False)
        self._lock = threading.Lock()
        self._collected = bytearray()

    def collect(self) -> None:
        """Collect until every holder of ``writable`` is gone; blocks."""
        poll = select.poll()
        poll.register(self._readable, select.POLLIN)
        while True:
            poll.poll()
            with self._lock:
                if not self._read():
                    os.close(self._readable)
                    self._readable = -1
                    return

    def take(self) -> str:
        """Return what was written since the last call, without waiting for more."""
        with self._lock:
            if self._readable != -1:
                self._read()
            taken = self._collected.decode(errors="replace")
            self._collected.clear()
        return taken

    def close(self) -> None:
        """Give up both ends; for a process that never started."""
        os.close(self.writable)
        os.close(self._readable)

    def _read(self) -> bool:
        """Read what the pipe holds; False at its end."""
        try:
            while chunk := os.read(self._readable, 1 << 16):
                self._collected += chunk
        except BlockingIOError:
            return True
        return False
