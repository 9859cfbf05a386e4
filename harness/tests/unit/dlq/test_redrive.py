"""How a redrive ends; SQS's answers are prepared, as moto moves no messages.

The way it goes on a queue that works is among the integration tests.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pytest
from botocore.stub import Stubber

from sam_harness.dlq import redrive as module
from sam_harness.dlq.queues import Clients, DeadLetterQueue, Queue
from sam_harness.dlq.redrive import redrive
from sam_harness.errors import HarnessError

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

DLQ = DeadLetterQueue(
    Queue("https://sqs/dlq", "arn:aws:sqs:us-east-1:123456789012:orders-dlq"),
    (Queue("https://sqs/orders", "arn:aws:sqs:us-east-1:123456789012:orders"),),
)
OLD = {"Status": "COMPLETED", "StartedTimestamp": 1}


@pytest.fixture
def sqs(clients: Clients, monkeypatch: pytest.MonkeyPatch) -> "SQSClient":
    """Return a client that reaches nothing, and polls without a pause."""
    monkeypatch.setattr(module, "_POLL_S", 0)
    return clients.sqs


@pytest.fixture
def answers(sqs: "SQSClient") -> Iterator[Stubber]:
    """Yield what the client is answered with; all of it must be asked for."""
    with Stubber(sqs) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def depth(answers: Stubber, visible: int) -> None:
    """Let the DLQ hold this many messages."""
    names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    counts = dict(zip(names, (str(visible), "0"), strict=True))
    answers.add_response("get_queue_attributes", {"Attributes": counts})


def tasks(answers: Stubber, *listed: dict[str, Any]) -> None:
    """Let the list of tasks hold these."""
    expected = {"SourceArn": DLQ.queue.arn, "MaxResults": 1}
    answers.add_response("list_message_move_tasks", {"Results": [*listed]}, expected)


def start(answers: Stubber) -> None:
    """Let the task begin."""
    expected = {"SourceArn": DLQ.queue.arn}
    answers.add_response("start_message_move_task", {"TaskHandle": "handle"}, expected)


def task(status: str, moved: int, **more: object) -> dict[str, Any]:
    """Return our task as the list shows it."""
    return {
        "Status": status,
        "StartedTimestamp": 2,
        "ApproximateNumberOfMessagesMoved": moved,
        "ApproximateNumberOfMessagesToMove": 5,
        **more,
    }


def interrupted(*_: object, **_call: object) -> None:
    """Stand for a call in which Ctrl-C comes."""
    raise KeyboardInterrupt


def lines(capsys: pytest.CaptureFixture[str]) -> Sequence[str]:
    """Return what was printed."""
    return capsys.readouterr().out.splitlines()


def test_progress_is_shown_until_the_task_is_done(
    sqs: "SQSClient", answers: Stubber, capsys: pytest.CaptureFixture[str]
) -> None:
    """The task of an earlier redrive is not taken for ours."""
    depth(answers, 5)
    tasks(answers, OLD)
    start(answers)
    tasks(answers, OLD)
    tasks(answers, task("RUNNING", 2))
    tasks(answers, task("RUNNING", 2))
    tasks(answers, task("COMPLETED", 5))
    depth(answers, 0)

    redrive(sqs, DLQ, per_second=None, dry_run=False)

    assert lines(capsys) == [
        "orders-dlq: moving 5 messages back to orders",
        "  moved 2 of 5",
        "  moved 5 of 5",
        "moved 5; left: 0 messages",
    ]


@pytest.mark.parametrize(
    ("status", "more", "said"),
    [
        ("FAILED", {"FailureReason": "AWS.SimpleQueueService.NonExistentQueue"}, "AWS"),
        ("CANCELLED", {}, "it was cancelled"),
    ],
)
def test_a_task_that_does_not_complete_is_an_error(
    sqs: "SQSClient", answers: Stubber, status: str, more: dict[str, str], said: str
) -> None:
    """With what was moved before, and where the others are."""
    depth(answers, 5)
    tasks(answers)
    start(answers)
    tasks(answers, task(status, 3, **more))

    with pytest.raises(HarnessError, match=rf"after 3 messages: {said}.*still there"):
        redrive(sqs, DLQ, per_second=None, dry_run=False)


def test_an_interrupt_while_the_task_begins_still_cancels_it(
    sqs: "SQSClient",
    answers: Stubber,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """SQS had begun, only its answer did not arrive: the list knows the handle."""
    depth(answers, 5)
    tasks(answers, OLD)
    tasks(answers, task("RUNNING", 1, TaskHandle="handle"))
    answers.add_response(
        "cancel_message_move_task",
        {"ApproximateNumberOfMessagesMoved": 1},
        {"TaskHandle": "handle"},
    )
    tasks(answers, task("CANCELLING", 1))
    tasks(answers, task("CANCELLED", 2))
    depth(answers, 3)

    monkeypatch.setattr(sqs, "start_message_move_task", interrupted)
    with pytest.raises(KeyboardInterrupt):
        redrive(sqs, DLQ, per_second=None, dry_run=False)

    assert lines(capsys)[-2:] == [
        "interrupted: cancelling",
        "moved 2; left in orders-dlq: 3 messages",
    ]


def test_a_task_that_does_not_stop_is_an_error(
    sqs: "SQSClient", answers: Stubber, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what it has moved by now."""
    depth(answers, 5)
    tasks(answers)
    tasks(answers, task("RUNNING", 1, TaskHandle="handle"))
    answers.add_response("cancel_message_move_task", {}, {"TaskHandle": "handle"})
    tasks(answers, task("CANCELLING", 1))
    tasks(answers, task("CANCELLING", 2))

    monkeypatch.setattr(sqs, "start_message_move_task", interrupted)
    monkeypatch.setattr(module, "_CANCEL_TIMEOUT_S", -1)
    with pytest.raises(
        HarnessError, match=r"not stopped .* 2 messages moved; it loses"
    ):
        redrive(sqs, DLQ, per_second=None, dry_run=False)


def test_a_task_that_ended_meanwhile_needs_no_cancelling(
    sqs: "SQSClient",
    answers: Stubber,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """SQS does not know the handle any more, which is as good."""
    depth(answers, 5)
    tasks(answers)
    start(answers)
    tasks(answers, task("RUNNING", 4))
    tasks(answers, task("RUNNING", 4))
    answers.add_client_error("cancel_message_move_task", "ResourceNotFoundException")
    tasks(answers, task("COMPLETED", 5))
    depth(answers, 0)

    monkeypatch.setattr("time.sleep", interrupted)
    with pytest.raises(KeyboardInterrupt):
        redrive(sqs, DLQ, per_second=None, dry_run=False)

    assert lines(capsys)[-1] == "moved 5; left in orders-dlq: 0 messages"
