"""``dlq redrive``: moves messages back to where they failed, by SQS itself.

SQS moves each message in one step, so none is lost or doubled by us, whatever happens
to this process; all that is left to do is to watch, and to cancel.
"""

from contextlib import suppress
from math import inf
from typing import TYPE_CHECKING

from sam_harness.dlq.queues import DeadLetterQueue, depth
from sam_harness.errors import HarnessError
from sam_harness.waiting import DeadlineError, wait_until

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient
    from types_boto3_sqs.type_defs import ListMessageMoveTasksResultEntryTypeDef as Task

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
    move = _Move(sqs, dlq)
    try:
        move.start(per_second)
        task = move.watch()
    except KeyboardInterrupt:
        move.cancel()
        raise
    if task["Status"] != "COMPLETED":
        reason = task.get("FailureReason") or "it was cancelled"
        raise HarnessError(
            f"{dlq.queue.name}: the move ended {task['Status']} after "
            f"{_moved(task)} messages: {reason}; the others are still there"
        )
    print(f"moved {_moved(task)}; left: {depth(sqs, dlq.queue.url)}")


class _Move:
    """One message move task, of which a queue has at most one at a time."""

    def __init__(self, sqs: "SQSClient", dlq: DeadLetterQueue) -> None:
        self._sqs = sqs
        self._queue = dlq.queue
        self._handle: str | None = None
        self._said = -1  # messages moved, as it was printed last
        # Told apart by when they began: an ended task has no handle any more.
        former = self._latest()
        self._former = former["StartedTimestamp"] if former else 0

    def start(self, per_second: int | None) -> None:
        """Begin; the pace is SQS's own where none is given."""
        arn = self._queue.arn
        if per_second is None:
            answer = self._sqs.start_message_move_task(SourceArn=arn)
        else:
            answer = self._sqs.start_message_move_task(
                SourceArn=arn, MaxNumberOfMessagesPerSecond=per_second
            )
        self._handle = answer["TaskHandle"]

    def watch(self) -> "Task":
        """Return the task at its end."""
        task = wait_until(
            self._told,
            lambda task: bool(task) and not _is_under_way(task),
            what="the end of the move",
            timeout_s=inf,  # as long as SQS takes: there is Ctrl-C
            poll_s=_POLL_S,
        )
        assert task
        return task

    def cancel(self) -> None:
        """End the task, wherever the interrupt came, and say what it had moved."""
        print("interrupted: cancelling", flush=True)
        task = self._task()
        # Interrupted in the call that starts it, only the list knows the handle.
        handle = self._handle or (task.get("TaskHandle") if task else None)
        if handle:
            with suppress(self._sqs.exceptions.ResourceNotFoundException):
                self._sqs.cancel_message_move_task(TaskHandle=handle)
        task = self._stopped()
        left = depth(self._sqs, self._queue.url)
        print(f"moved {_moved(task)}; left in {self._queue.name}: {left}", flush=True)

    def _stopped(self) -> "Task | None":
        """Return the cancelled task, which ends soon; None: the list has it not."""
        try:
            return wait_until(
                self._task,
                lambda task: not _is_under_way(task),
                what="the end of the move",
                timeout_s=_CANCEL_TIMEOUT_S,
                poll_s=_POLL_S,
            )
        except DeadlineError:
            raise HarnessError(
                f"{self._queue.name}: SQS has not stopped after "
                f"{_CANCEL_TIMEOUT_S:.0f} s, with {_moved(self._task())} messages "
                "moved; it loses none: ListMessageMoveTasks shows how it ends"
            ) from None

    def _told(self) -> "Task | None":
        """Return our task, and print how far it is."""
        task = self._task()
        if task and _moved(task) != self._said:
            self._said = _moved(task)
            asked = task.get("ApproximateNumberOfMessagesToMove", 0)
            print(f"  moved {self._said} of {asked}", flush=True)
        return task

    def _task(self) -> "Task | None":
        """Return our task, once the list has it."""
        latest = self._latest()
        if latest is None or latest["StartedTimestamp"] == self._former:
            return None
        return latest

    def _latest(self) -> "Task | None":
        answer = self._sqs.list_message_move_tasks(
            SourceArn=self._queue.arn, MaxResults=1
        )
        return next(iter(answer["Results"]), None)


def _is_under_way(task: "Task | None") -> bool:
    return task is not None and task["Status"] in _UNDER_WAY


def _moved(task: "Task | None") -> int:
    return task.get("ApproximateNumberOfMessagesMoved", 0) if task else 0
