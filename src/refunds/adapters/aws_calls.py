"""What AWS may do to a call: answer too late, in part, or what is no answer."""

from __future__ import annotations

import json
import signal
import sys
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import BotoCoreError

from refunds.domain.model import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import FrameType

    from botocore.model import OperationModel, StructureShape
    from botocore.session import Session

# Left for answering after the calls: enough with the least memory, and so least CPU.
_ANSWERING_S = 0.25

# Where Python was in a __del__, which no exception leaves, the first ring is lost.
_RINGS_AGAIN_AFTER_S = 0.05

_FIRST_ERROR_STATUS = 300


class UnreadableAnswerError(BotoCoreError):
    """The answer is cut, or not what the operation answers."""

    fmt = "the answer of {operation} cannot be read"


class _GivenUpError(BaseException):
    """Time is up; no Exception, because botocore would take one for the call's."""


def guard(session: Session) -> None:
    """Let every client of the session refuse answers that cannot be read."""
    session.register("before-parse", _refuse_unreadable_answer)


def in_time[Answer](remaining_ms: int, calls: Callable[[], Answer]) -> Answer:
    """Make calls of AWS, and give up early enough for the function to answer.

    No timeout of botocore ends a call whose answer trickles, so an alarm does. It rings
    in the main thread, in which Lambda calls a function: the call ends there and then,
    and no other call is made. Its connection is closed; one that is still being made
    is closed when the call's objects go. A thread that makes the calls would cost a
    fifth of a request's CPU time. Only the look-up of a name is not ended.

    Raises:
        UnavailableError: the calls are not over; what they did is not known.
    """
    left_s = remaining_ms / 1000 - _ANSWERING_S
    if left_s > 0:
        signal.signal(signal.SIGALRM, _give_up)
        try:
            signal.setitimer(signal.ITIMER_REAL, left_s, _RINGS_AGAIN_AFTER_S)
            try:
                return calls()
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
        except _GivenUpError:
            pass
    # Not in the except block, nor kept in a variable: either would keep the objects of
    # the ended call alive.
    raise UnavailableError("answer of AWS", "late")


def _give_up(_signal: int, _frame: FrameType | None) -> None:
    # While the call is already being ended, what closes its connection is let alone.
    if not isinstance(sys.exception(), _GivenUpError):
        raise _GivenUpError


def _refuse_unreadable_answer(**event: object) -> None:
    """Refuse what botocore would read as an empty answer, or stumble over.

    A JSON object that is cut is none. Of an error the status says enough: botocore
    repeats what may pass.
    """
    operation = cast("OperationModel", event["operation_model"])
    response = cast("dict[str, Any]", event["response_dict"])
    members = _members(response["body"])
    if response["status_code"] >= _FIRST_ERROR_STATUS:
        if members is None:
            response["body"] = b"{}"
    elif members is None or not _is_answer(members, operation):
        raise UnreadableAnswerError(operation=operation.name)


def _members(body: bytes) -> Mapping[str, object] | None:
    try:
        parsed: object = json.loads(body.decode())
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None


def _is_answer(members: Mapping[str, object], operation: OperationModel) -> bool:
    """Tell whether any member is known; none at all may be all that there is to say."""
    shape: StructureShape | None = operation.output_shape
    return not members or (
        shape is not None and not shape.members.keys().isdisjoint(members)
    )
