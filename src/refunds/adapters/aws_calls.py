"""What AWS may do to a call: answer too late, in part, or what is no answer."""

from __future__ import annotations

import json
import threading
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from botocore.exceptions import BotoCoreError

from refunds.domain.model import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from botocore.model import OperationModel, StructureShape
    from botocore.session import Session

# Left for answering after the calls: enough with the least memory, and so least CPU.
_ANSWERING_S = 0.25

_FIRST_ERROR_STATUS = 300


class LateCallError(BotoCoreError):
    """The function that a call was for has given it up."""

    fmt = "the function has given up this call"


class UnreadableAnswerError(BotoCoreError):
    """The answer is cut, or not what the operation answers."""

    fmt = "the answer of {operation} cannot be read"


class _Thread(threading.local):
    """Whether the function has given up the calls that a thread makes."""

    given_up: threading.Event | None = None


_thread = _Thread()


class _Raised(NamedTuple):
    """What a thread raised, in the place of what it would have returned."""

    error: BaseException


def guard(session: Session) -> None:
    """Let every client of the session refuse late calls and unreadable answers."""
    session.register("before-send", _refuse_late_call)
    session.register("before-parse", _refuse_unreadable_answer)


def in_time[Answer](remaining_ms: int, calls: Callable[[], Answer]) -> Answer:
    """Make calls of AWS, and give up early enough for the function to answer.

    No timeout of botocore ends a call whose answer trickles, nor a name that is looked
    up for ever; so a thread makes the calls, and begins no other when it is given up.

    Raises:
        UnavailableError: the calls are not over; what they did is not known.

    """
    late = UnavailableError("answer of AWS", "late")
    left_s = remaining_ms / 1000 - _ANSWERING_S
    if left_s <= 0:
        raise late
    given_up = threading.Event()
    done: SimpleQueue[Answer | _Raised] = SimpleQueue()

    def make() -> None:
        _thread.given_up = given_up
        try:
            done.put(calls())
        except BaseException as error:  # noqa: BLE001 - raised again below
            done.put(_Raised(error))

    threading.Thread(target=make, name="calls of AWS", daemon=True).start()
    try:
        answer = done.get(timeout=left_s)
    except Empty:
        given_up.set()
        raise late from None
    if isinstance(answer, _Raised):
        raise answer.error
    return answer


def _refuse_late_call(**_event: object) -> None:
    if _thread.given_up is not None and _thread.given_up.is_set():
        raise LateCallError


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
