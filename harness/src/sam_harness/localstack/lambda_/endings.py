"""How an invocation ended: what its invoker gets, and what the log gets.

The shapes are those of
https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html
"""

import json
import math
import signal
from dataclasses import dataclass
from datetime import UTC, datetime

from sam_harness.localstack.lambda_.runtime_api import (
    Answered,
    Call,
    Event,
    Exited,
    InitFailed,
    Ready,
)

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: 6 MB, and
# what surrounds the payload; the number is the one in Lambda's own message.
MAX_RESPONSE_BYTES = 6_291_556
_LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")
_ALIASES = {"WARNING": "WARN", "CRITICAL": "FATAL"}
_METRICS = {
    "durationMs": "Duration",
    "billedDurationMs": "Billed Duration",
    "memorySizeMB": "Memory Size",
    "maxMemoryUsedMB": "Max Memory Used",
    "initDurationMs": "Init Duration",
}


@dataclass(frozen=True, slots=True)
class Ending:
    """One invocation's end; ``status``: as in REPORT, None where all went well."""

    payload: bytes
    status: str | None = None
    error_type: str | None = None
    note: str = ""
    keeps_process: bool = False

    @property
    def is_error(self) -> bool:
        """Whether the payload tells an error."""
        return self.status is not None


def of(call: Call, event: Event | None, timeout_s: float) -> Ending:
    """Translate what the process said last; ``None``: it said nothing in time."""
    failed = f"RequestId: {call.request_id} Error: "
    match event:
        case None:
            return _timed_out(call, timeout_s)
        case Answered():
            return _answered(event)
        case InitFailed(error=error):
            return _error(_at_init(call.request_id, error))
        case Exited(status=status):
            text = failed + _exited(status)
            return _error(_told("Runtime.ExitError", text), note=text)
        case Ready():
            text = "Runtime asked for the next invocation without answering this one"
            return _error(_told("Runtime.ExitError", failed + text))


def error_type_at_init(event: Event) -> str:
    """Name of the error that kept a function from being imported."""
    if isinstance(event, InitFailed):
        return _error_type(event.error)
    return "Runtime.ExitError"


def _answered(answer: Answered) -> Ending:
    if len(answer.payload) > MAX_RESPONSE_BYTES:
        text = (
            "Response payload size exceeded maximum allowed payload size "
            f"({MAX_RESPONSE_BYTES} bytes)."
        )
        payload = _told("Function.ResponseSizeTooLarge", text)
        return _error(payload, keeps_process=True)
    if answer.is_error:
        return _error(answer.payload, keeps_process=True)
    return Ending(answer.payload, keeps_process=True)


def _timed_out(call: Call, timeout_s: float) -> Ending:
    text = f"Task timed out after {timeout_s:.2f} seconds"
    return Ending(
        _told("Sandbox.Timedout", f"RequestId: {call.request_id} Error: {text}"),
        status="timeout",
        note=f"{_now()} {call.request_id} {text}",
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _at_init(request_id: str, error: bytes) -> bytes:
    """Answer for a function that cannot be imported; ``error`` is the runtime's own."""
    try:
        told = json.loads(error)
    except ValueError:
        return _told("Runtime.Unknown", error.decode(errors="replace"))
    told["requestId"] = request_id
    return json.dumps(told).encode()


def _exited(status: int) -> str:
    if status == 0:
        return "Runtime exited without providing a reason"
    if status > 0:
        return f"Runtime exited with error: exit status {status}"
    words = str(signal.strsignal(-status)).lower()  # Lambda's platform has Go's: these
    return f"Runtime exited with error: signal: {words}"


def _error(payload: bytes, *, note: str = "", keeps_process: bool = False) -> Ending:
    return Ending(
        payload,
        status="error",
        error_type=_error_type(payload),
        note=note,
        keeps_process=keeps_process,
    )


def _error_type(payload: bytes) -> str:
    """Name of the error in an answer; empty where it has none."""
    try:
        return str(json.loads(payload).get("errorType", ""))
    except (ValueError, AttributeError):
        return ""


def _told(error_type: str, message: str) -> bytes:
    return json.dumps({"errorType": error_type, "errorMessage": message}).encode()


@dataclass(frozen=True, slots=True)
class Report:
    """What the platform knows about an ended invocation; ``status``: how it failed."""

    request_id: str
    duration_ms: float
    init_duration_ms: float | None
    memory_mb: int
    max_memory_mb: int
    status: str | None = None
    error_type: str | None = None
    trace_header: str = ""

    def line(self) -> str:
        """Return the REPORT line, as Lambda writes it."""
        init_ms = self.init_duration_ms or 0
        parts = [
            f"REPORT RequestId: {self.request_id}",
            f"Duration: {self.duration_ms:.2f} ms",
            f"Billed Duration: {math.ceil(self.duration_ms + init_ms)} ms",
            f"Memory Size: {self.memory_mb} MB",
            f"Max Memory Used: {self.max_memory_mb} MB",
        ]
        if self.init_duration_ms is not None:
            parts.append(f"Init Duration: {init_ms:.2f} ms")
        if self.status:
            parts.append(f"Status: {self.status}")
        if self.error_type:
            parts.append(f"Error Type: {self.error_type}")
        parts += self._xray()
        return "\t".join(parts) + "\t\n"

    def _xray(self) -> list[str]:
        fields = dict(
            field.partition("=")[::2] for field in self.trace_header.split(";")
        )
        if fields.get("Sampled") != "1":
            return []
        return [
            f"XRAY TraceId: {fields.get('Root', '')}",
            f"SegmentId: {fields.get('Parent', '')}",
            "Sampled: true",
        ]


def lines(text: str) -> str:
    """``text``, ended by a newline where it is not empty and has none."""
    return text if not text or text.endswith("\n") else text + "\n"


def init_report(
    duration_ms: float, phase: str, status: str, error_type: str = ""
) -> str:
    """Return the INIT_REPORT line, written where an initialisation failed."""
    parts = [
        f"INIT_REPORT Init Duration: {duration_ms:.2f} ms",
        f"Phase: {phase}",
        f"Status: {status}",
    ]
    if error_type:
        parts.append(f"Error Type: {error_type}")
    return "\t".join(parts) + "\n"


def as_json(text: str, level: str) -> str:
    """Return a log as LogFormat JSON asks for it, from a level of the function's on.

    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
    The platform's records are of level INFO. A line that is no JSON object with a level
    passes, as on Lambda.
    """
    return "".join(_record(line, level) for line in text.splitlines(keepends=True))


def _record(line: str, level: str) -> str:
    parts = dict(part.partition(": ")[::2] for part in line.strip().split("\t"))
    match line.split():
        case ["INIT_START", *_, version]:
            return _platform("initStart", phase="init", runtimeVersion=version)
        case ["START", "RequestId:", request_id, "Version:", version]:
            return _platform("start", requestId=request_id, version=version)
        case ["END", "RequestId:", _]:
            return ""  # platform.runtimeDone is of level DEBUG
        case ["REPORT", "RequestId:", request_id, *_]:
            metrics = {
                name: float(parts[label].split()[0])
                for name, label in _METRICS.items()
                if label in parts
            }
            status = parts.get("Status", "success")
            return _platform(
                "report", requestId=request_id, metrics=metrics, status=status
            )
    return line if _passes(line, level) else ""


def _platform(kind: str, **record: object) -> str:
    told = {"time": _now(), "type": f"platform.{kind}", "record": record}
    return json.dumps(told) + "\n"


def _passes(line: str, level: str) -> bool:
    try:
        said = str(json.loads(line)["level"]).upper()
    except (ValueError, TypeError, KeyError):
        return True
    said = _ALIASES.get(said, said)
    return said not in _LEVELS or _LEVELS.index(said) >= _LEVELS.index(level.upper())
