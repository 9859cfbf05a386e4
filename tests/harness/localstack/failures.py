"""How Lambda tells an invoker that the function did not get to answer.

The shapes are those of
https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html
"""

import json
import signal

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: 6 MB, and
# what surrounds the payload; the number is the one in Lambda's own message.
MAX_RESPONSE_BYTES = 6_291_556


def timed_out(request_id: str, timeout_s: float) -> bytes:
    """Answer for a function that ran longer than its timeout."""
    return _error(
        "Sandbox.Timedout",
        f"RequestId: {request_id} Error: {timed_out_text(timeout_s)}",
    )


def timed_out_text(timeout_s: float) -> str:
    """Tell the function's log about its timeout."""
    return f"Task timed out after {timeout_s:.2f} seconds"


def exited(request_id: str, status: int) -> bytes:
    """Answer for a process that ended before it answered.

    ``status`` is negative where a signal ended it.
    """
    return _error("Runtime.ExitError", exited_text(request_id, status))


def exited_text(request_id: str, status: int) -> str:
    """Tell the function's log about a process that ended."""
    if status == 0:
        reason = "Runtime exited without providing a reason"
    elif status > 0:
        reason = f"Runtime exited with error: exit status {status}"
    else:
        reason = f"Runtime exited with error: signal: {_signal_text(-status)}"
    return f"RequestId: {request_id} Error: {reason}"


def unanswered(request_id: str) -> bytes:
    """Answer for a runtime that asks for more work before it has answered."""
    return _error(
        "Runtime.ExitError",
        f"RequestId: {request_id} Error: Runtime asked for the next invocation "
        "without answering this one",
    )


def response_too_large() -> bytes:
    """Answer for a response above Lambda's limit."""
    return _error(
        "Function.ResponseSizeTooLarge",
        "Response payload size exceeded maximum allowed payload size "
        f"({MAX_RESPONSE_BYTES} bytes).",
    )


def at_init(request_id: str, error: bytes) -> bytes:
    """Answer for a function that cannot be imported; ``error`` is the runtime's own."""
    try:
        told = json.loads(error)
    except ValueError:
        return _error("Runtime.Unknown", error.decode(errors="replace"))
    told["requestId"] = request_id
    return json.dumps(told).encode()


def error_type(payload: bytes) -> str:
    """Name of the error in an answer; empty where it has none."""
    try:
        return str(json.loads(payload).get("errorType", ""))
    except (ValueError, AttributeError):
        return ""


def _error(error_type: str, message: str) -> bytes:
    return json.dumps({"errorType": error_type, "errorMessage": message}).encode()


def _signal_text(number: int) -> str:
    # Go's words: Lambda's platform is written in it.
    words = {
        signal.SIGKILL: "killed",
        signal.SIGTERM: "terminated",
        signal.SIGSEGV: "segmentation fault",
        signal.SIGABRT: "aborted",
        signal.SIGINT: "interrupt",
    }
    return words.get(signal.Signals(number), f"signal {number}")
