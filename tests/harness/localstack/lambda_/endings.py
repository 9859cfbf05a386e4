"""How an invocation ended, and what that means for the invoker and the log."""

from dataclasses import dataclass
from datetime import UTC, datetime

from harness.localstack_plugin import failures
from harness.localstack_plugin.runtime_api import (
    Answered,
    Call,
    Event,
    Exited,
    InitFailed,
    Ready,
)


@dataclass(frozen=True, slots=True)
class Ending:
    """One invocation's end; ``status``: as in REPORT, None where all went well."""

    payload: bytes
    is_error: bool
    status: str | None = None
    error_type: str | None = None
    note: str = ""
    keeps_process: bool = False


def of(call: Call, event: Event | None, timeout_s: float) -> Ending:
    """Translate what the process said last; ``None``: it said nothing in time."""
    match event:
        case None:
            return _timed_out(call, timeout_s)
        case Answered():
            return _answered(event)
        case InitFailed(error=error):
            return _error(failures.at_init(call.request_id, error))
        case Exited(status=status):
            return _error(
                failures.exited(call.request_id, status),
                note=failures.exited_text(call.request_id, status),
            )
        case Ready():
            return _error(failures.unanswered(call.request_id))


def _answered(answer: Answered) -> Ending:
    if len(answer.payload) > failures.MAX_RESPONSE_BYTES:
        return _error(failures.response_too_large(), keeps_process=True)
    if answer.is_error:
        return _error(answer.payload, keeps_process=True)
    return Ending(answer.payload, is_error=False, keeps_process=True)


def error_type_at_init(event: Event) -> str:
    """Name of the error that kept a function from being imported."""
    if isinstance(event, InitFailed):
        return failures.error_type(event.error)
    return "Runtime.ExitError"


def _timed_out(call: Call, timeout_s: float) -> Ending:
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return Ending(
        failures.timed_out(call.request_id, timeout_s),
        is_error=True,
        status="timeout",
        note=f"{now} {call.request_id} {failures.timed_out_text(timeout_s)}",
    )


def _error(payload: bytes, *, note: str = "", keeps_process: bool = False) -> Ending:
    return Ending(
        payload,
        is_error=True,
        status="error",
        error_type=failures.error_type(payload),
        note=note,
        keeps_process=keeps_process,
    )
