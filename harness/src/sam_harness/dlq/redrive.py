"""``dlq redrive``: moves messages back to where they failed, by SQS itself.

SQS moves each message in one step, so none is lost or doubled by us, whatever happens
to this process; all that is left to do is to watch, and to cancel.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from math import inf
from typing import TYPE_CHECKING

from sam_harness.dlq.queues import DeadLetterQueue, depth
from sam_harness.errors import HarnessError
from sam_harness.waiting import DeadlineError, wait_until

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient
    from types_boto3_sqs.type_defs import ListMessageMoveTasksResultEntryTypeDef as Task
    from types_boto3_sqs.type_defs import StartMessageMoveTaskRequestTypeDef as Request

type Look = Callable[[], Task | None]

_UNDER_WAY = frozenset({"RUNNING", "CANCELLING"})
_POLL_S = 0.5
# More than SQS needs to stop.
_CANCEL_TIMEOUT_S = 30.0


def redrive(
    sqs: "SQSClient", dlq: DeadLetterQueue, *, per_second: int | None, dry_run: bool
) -> None:
    """Move every message back to the queue it came from, and print the progress.

    Raises:
        HarnessError: SQS gave up, or the move was cancelled; says what had been moved.
        KeyboardInterrupt: the task was cancelled; what was not moved is where it was.
    """
    before = depth(sqs, dlq.queue.url)
    to = ", ".join(source.name for source in dlq.sources)
    if dry_run:
        print(f"{dlq.queue.name}: would move {before} back to {to}")
        return
    print(f"{dlq.queue.name}: moving {before} back to {to}", flush=True)
    # Told apart by when they began: an ended task has no handle any more.
    former = _task(sqs, dlq, 0)
    look = partial(_task, sqs, dlq, former["StartedTimestamp"] if former else 0)
    asked: Request = {"SourceArn": dlq.queue.arn}
    if per_second is not None:
        asked["MaxNumberOfMessagesPerSecond"] = per_second
    handle = None
    try:
        handle = sqs.start_message_move_task(**asked)["TaskHandle"]
        task = _watched(look)
    except KeyboardInterrupt:
        _cancel(sqs, dlq, look, handle)
        raise
    if task["Status"] != "COMPLETED":
        reason = task.get("FailureReason") or "it was cancelled"
        raise HarnessError(
            f"{dlq.queue.name}: the move ended {task['Status']} after "
            f"{_moved(task)} messages: {reason}; the others are still there"
        )
    print(f"moved {_moved(task)}; left: {depth(sqs, dlq.queue.url)}")


def _task(sqs: "SQSClient", dlq: DeadLetterQueue, former: int) -> "Task | None":
    """Return the queue's task, of which it has one at a time, once it is listed."""
    arn = dlq.queue.arn
    listed = sqs.list_message_move_tasks(SourceArn=arn, MaxResults=1)["Results"]
    return next((one for one in listed if one["StartedTimestamp"] != former), None)


def _watched(look: Look) -> "Task":
    """Print how far the task is, and return it at its end."""
    said = -1

    def told() -> "Task | None":
        nonlocal said
        task = look()
        if task and _moved(task) != said:
            said = _moved(task)
            asked = task.get("ApproximateNumberOfMessagesToMove", 0)
            print(f"  moved {said} of {asked}", flush=True)
        return task

    task = wait_until(
        told,
        lambda task: bool(task) and not _is_under_way(task),
        what="the end of the move",
        timeout_s=inf,  # as long as SQS takes: there is Ctrl-C
        poll_s=_POLL_S,
    )
    assert task
    return task


def _cancel(
    sqs: "SQSClient", dlq: DeadLetterQueue, look: Look, handle: str | None
) -> None:
    """End the task, wherever the interrupt came, and say what it had moved."""
    print("interrupted: cancelling", flush=True)
    task = look()
    # Interrupted in the call that starts it, only the list knows the handle.
    if handle := handle or (task.get("TaskHandle") if task else None):
        with suppress(sqs.exceptions.ResourceNotFoundException):
            sqs.cancel_message_move_task(TaskHandle=handle)
    name = dlq.queue.name
    try:
        task = wait_until(
            look,
            lambda task: not _is_under_way(task),
            what="the end of the move",
            timeout_s=_CANCEL_TIMEOUT_S,
            poll_s=_POLL_S,
        )
    except DeadlineError:
        raise HarnessError(
            f"{name}: SQS has not stopped after {_CANCEL_TIMEOUT_S:.0f} s, with "
            f"{_moved(look())} messages moved; it loses none: ListMessageMoveTasks "
            "shows how it ends"
        ) from None
    left = depth(sqs, dlq.queue.url)
    print(f"moved {_moved(task)}; left in {name}: {left}", flush=True)


def _is_under_way(task: "Task | None") -> bool:
    return task is not None and task["Status"] in _UNDER_WAY


def _moved(task: "Task | None") -> int:
    return task.get("ApproximateNumberOfMessagesMoved", 0) if task else 0
