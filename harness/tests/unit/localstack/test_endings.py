"""What the process said last -> what the invoker and the log are told."""

import json

import pytest

from sam_harness.localstack.lambda_ import endings
from sam_harness.localstack.lambda_.endings import MAX_RESPONSE_BYTES
from sam_harness.localstack.lambda_.runtime_api import (
    Answered,
    Call,
    Event,
    Exited,
    InitFailed,
    Ready,
)

CALL = Call("id-1", b"{}", "arn", "Root=1-2-3")


@pytest.mark.parametrize(
    ("event", "error_type", "message", "keeps_process"),
    [
        (None, "Sandbox.Timedout", "Task timed out after 2.50 seconds", False),
        (Exited(-9), "Runtime.ExitError", "error: signal: killed", False),
        (Exited(-11), "Runtime.ExitError", "signal: segmentation fault", False),
        (Exited(-31), "Runtime.ExitError", "signal: bad system call", False),
        (Exited(2), "Runtime.ExitError", "error: exit status 2", False),
        (Exited(0), "Runtime.ExitError", "exited without providing", False),
        (Ready(), "Runtime.ExitError", "without answering", False),
        (
            InitFailed(b'{"errorType": "X", "errorMessage": "no import"}'),
            "X",
            "no import",
            False,
        ),
        (InitFailed(b"not JSON"), "Runtime.Unknown", "not JSON", False),
        (
            Answered(b'{"errorType": "E", "errorMessage": "m"}', is_error=True),
            "E",
            "m",
            True,
        ),
        (
            Answered(b"x" * (MAX_RESPONSE_BYTES + 1), is_error=False),
            "Function.ResponseSizeTooLarge",
            "6291556 bytes",
            True,
        ),
    ],
)
def test_a_failure_is_an_error_of_its_type(
    event: Event | None, error_type: str, message: str, *, keeps_process: bool
) -> None:
    """Type and message reach the invoker; the process is kept where it is sound."""
    ending = endings.of(CALL, event, 2.5)

    told = json.loads(ending.payload)
    assert ending.is_error
    assert told["errorType"] == error_type
    assert message in told["errorMessage"]
    assert ending.keeps_process is keeps_process


def test_an_answer_is_passed_on_untouched() -> None:
    """Up to the limit, byte for byte."""
    payload = b"x" * MAX_RESPONSE_BYTES

    ending = endings.of(CALL, Answered(payload, is_error=False), 1)

    assert (ending.payload, ending.is_error, ending.status) == (payload, False, None)
