"""One execution environment: runs calls one by one, in a process it renews."""

import threading
import time
from dataclasses import dataclass
from pathlib import Path

from sam_harness.localstack.lambda_ import endings
from sam_harness.localstack.lambda_.endings import Report, init_report, lines
from sam_harness.localstack.lambda_.process import FunctionSpec, RuntimeProcess
from sam_harness.localstack.lambda_.runtime_api import Call, Event, Ready

# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
INIT_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Result:
    """What the invoker gets, and what the log gets."""

    payload: bytes
    is_error: bool
    log: str


@dataclass(frozen=True, slots=True)
class _Init:
    """How a process came to be ready: ``event`` is Ready, or why it is not."""

    process: RuntimeProcess
    event: Event | None
    log: str
    duration_ms: float | None = None


class FunctionInstance:
    """Answers calls like a Lambda execution environment.

    The process is kept between calls (warm start). After a timeout, a crash or a failed
    initialisation the next call gets a new process (cold start).
    """

    def __init__(self, python: Path, function: FunctionSpec) -> None:
        self._python = python
        self._function = function
        self._process: RuntimeProcess | None = None
        self._warm = False
        self._initialised_early: _Init | None = None
        self._stopped = False
        self._lock = threading.Lock()

    def start(self) -> RuntimeProcess:
        """Start a process and its initialisation; does not wait for it."""
        with self._lock:
            if self._stopped:
                raise RuntimeError("the execution environment has been stopped")
            self._process = RuntimeProcess(self._python, self._function)
            return self._process

    def stop(self) -> None:
        """End the process for good; a call in progress is answered with an error."""
        with self._lock:
            self._stopped = True
        if self._process:
            self._process.kill()
        self._function.files.close()

    def initialise(self, call: Call) -> Result:
        """Wait for a process that is ready for its first call; the code sees none."""
        init = self._early() or self._ready()
        if isinstance(init.event, Ready):
            self._initialised_early = init
            return Result(b"null", is_error=False, log="")
        init.process.kill()
        ending = endings.of(call, init.event, self._function.timeout_s)
        return Result(ending.payload, is_error=True, log=init.log)

    def invoke(self, call: Call) -> Result:
        """Run one call to its end, however it ends; one call at a time."""
        init = self._early() or self._ready()
        self._initialised_early = None
        process, event = init.process, init.event
        began = time.monotonic()
        if isinstance(event, Ready):
            process.api.post(call, self._function.timeout_s)
            event = process.next_event(self._function.timeout_s)
        duration_ms = (time.monotonic() - began) * 1000
        ending = endings.of(call, event, self._function.timeout_s)
        memory_mb = process.max_memory_mb()
        self._warm = ending.keeps_process
        if not ending.keeps_process:
            process.kill()
        report = Report(
            call.request_id,
            duration_ms=duration_ms,
            init_duration_ms=init.duration_ms,
            memory_mb=self._function.memory_mb,
            max_memory_mb=memory_mb,
            status=ending.status,
            error_type=ending.error_type,
            trace_header=call.trace_id if self._function.is_traced else "",
        )
        log = [
            init.log,
            f"START RequestId: {call.request_id} Version: {self._function.version}\n",
            lines(process.output.take()),
            lines(ending.note),
            f"END RequestId: {call.request_id}\n",
            report.line(),
        ]
        return Result(ending.payload, ending.is_error, "".join(log))

    def _early(self) -> _Init | None:
        init = self._initialised_early
        return init if init and not init.process.has_ended else None

    def _ready(self) -> _Init:
        """Wait for a process that asks for work, starting one where there is none."""
        process = self._process
        left_over = ""
        if self._warm and process:
            event = process.next_event(INIT_TIMEOUT_S)
            if isinstance(event, Ready) and not process.has_ended:
                return _Init(process, event, lines(process.output.take()))
            process.kill()
            left_over = lines(process.output.take())
        if process is None or process.has_ended or self._warm:
            process = self.start()
        self._warm = False
        return self._initialised(process, left_over)

    def _initialised(self, process: RuntimeProcess, log: str) -> _Init:
        version = self._function.runtime.removeprefix("python")
        log += f"INIT_START Runtime Version: python:{version}\n"
        event = process.next_event(process.started + INIT_TIMEOUT_S - time.monotonic())
        if event is None:
            # Like Lambda: once more, now on the function's own time.
            process.kill()
            log += lines(process.output.take())
            log += init_report(INIT_TIMEOUT_S * 1000, "init", "timeout")
            process = self.start()
            event = process.next_event(self._function.timeout_s)
            return _Init(process, event, log + lines(process.output.take()))
        duration_ms = (time.monotonic() - process.started) * 1000
        log += lines(process.output.take())
        if isinstance(event, Ready):
            return _Init(process, event, log, duration_ms)
        failed = endings.error_type_at_init(event)
        log += init_report(duration_ms, "init", "error", failed)
        return _Init(process, event, log)
