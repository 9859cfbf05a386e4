"""SQS as documented: what is refused, and that no message is lost."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError

from sam_harness.waiting import wait_until

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient
    from types_boto3_sqs.type_defs import MessageTypeDef

type Make = Callable[..., tuple[str, str]]


@pytest.fixture
def sqs(session: boto3.Session) -> "SQSClient":
    """Return a client."""
    return session.client("sqs")


@pytest.fixture
def queue(sqs: "SQSClient") -> Make:
    """Return what makes a queue of attributes; it returns URL and ARN."""

    def make(
        dead_letters: str = "", receives: object = 1, **attributes: str
    ) -> tuple[str, str]:
        if dead_letters:
            policy = {"deadLetterTargetArn": dead_letters, "maxReceiveCount": receives}
            attributes["RedrivePolicy"] = json.dumps(policy)
        suffix = ".fifo" if "FifoQueue" in attributes else ""
        url = sqs.create_queue(
            QueueName=f"q-{uuid4().hex[:8]}{suffix}",
            Attributes=attributes,  # type: ignore[arg-type] # the stubs list all names
        )["QueueUrl"]
        told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return url, told["Attributes"]["QueueArn"]

    return make


def receive(sqs: "SQSClient", url: str) -> list["MessageTypeDef"]:
    """Receive what is there, with all that is known of it."""
    answer = sqs.receive_message(QueueUrl=url, MessageSystemAttributeNames=["All"])
    return answer.get("Messages", [])


def moved(sqs: "SQSClient", source: str) -> tuple[str, str | None]:
    """Redrive a dead-letter queue; return how the task ended, and its reason."""
    sqs.start_message_move_task(SourceArn=source)
    [task] = wait_until(
        lambda: sqs.list_message_move_tasks(SourceArn=source)["Results"],
        lambda tasks: tasks[0]["Status"] != "RUNNING",
        what="the end of the move",
        timeout_s=10,
    )
    return task["Status"], task.get("FailureReason")


def test_a_queue_is_not_made_with_a_redrive_policy_that_loses_messages(
    sqs: "SQSClient", queue: Make
) -> None:
    """Nor is a queue that is there given one; its policy stays what it was."""
    url, arn = queue()
    forbids = json.dumps({"redrivePermission": "denyAll"})
    _, forbidding = queue(RedriveAllowPolicy=forbids)
    for dead_letters, receives, attributes in (
        (f"{arn}-absent", 1, {}),
        (arn, 0, {}),
        (arn, 1, {"FifoQueue": "true"}),
        (forbidding, 1, {}),
    ):
        with pytest.raises(ClientError, match=r"InvalidParameterValue.*RedrivePolicy"):
            queue(dead_letters, receives, **attributes)
    policy = json.dumps({"deadLetterTargetArn": f"{arn}x", "maxReceiveCount": 1})
    with pytest.raises(ClientError, match="target does not exist"):
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": policy})

    told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    assert "RedrivePolicy" not in told["Attributes"]


def test_a_message_outlives_its_dead_letter_queue(
    sqs: "SQSClient", queue: Make
) -> None:
    """Received as often as allowed, it is received again."""
    dead_letters, arn = queue()
    url, _ = queue(arn, VisibilityTimeout="0")
    sqs.send_message(QueueUrl=url, MessageBody="kept")
    sqs.delete_queue(QueueUrl=dead_letters)

    for _ in range(3):
        [message] = receive(sqs, url)
        assert message["Body"] == "kept"


def test_messages_with_an_equal_deduplication_id_are_all_dead_letters(
    sqs: "SQSClient", queue: Make
) -> None:
    """Of two queues, whose dead-letter queue would take the second for the first."""
    dead_letters, arn = queue(FifoQueue="true")
    for _ in range(2):
        url, _ = queue(arn, FifoQueue="true", VisibilityTimeout="0")
        sqs.send_message(
            QueueUrl=url,
            MessageBody=url,
            MessageGroupId="g",
            MessageDeduplicationId="d",
        )
        assert len(receive(sqs, url)) == 1
        assert receive(sqs, url) == []

    told = sqs.get_queue_attributes(QueueUrl=dead_letters, AttributeNames=["All"])
    assert told["Attributes"]["ApproximateNumberOfMessages"] == "2"


@pytest.mark.parametrize("attributes", [{}, {"FifoQueue": "true"}])
def test_a_redriven_message_is_a_new_one(
    sqs: "SQSClient", queue: Make, attributes: dict[str, str]
) -> None:
    """Another id, a later time, received for the first time; its text is the same."""
    dead_letters, arn = queue(**attributes)
    url, _ = queue(arn, VisibilityTimeout="0", **attributes)
    fifo = {"MessageGroupId": "g", "MessageDeduplicationId": "d"} if attributes else {}
    sent = sqs.send_message(QueueUrl=url, MessageBody="again", **fifo)  # type: ignore[arg-type] # they are texts
    [first] = receive(sqs, url)
    assert receive(sqs, url) == []

    assert moved(sqs, arn) == ("COMPLETED", None)

    [second] = receive(sqs, url)
    assert second["Body"] == "again"
    assert second["MessageId"] != sent["MessageId"]
    before, after = first["Attributes"], second["Attributes"]
    assert after["ApproximateReceiveCount"] == "1"
    assert int(after["SentTimestamp"]) > int(before["SentTimestamp"])
    assert after.get("MessageGroupId") == before.get("MessageGroupId")
    assert "DeadLetterQueueSourceArn" not in after
    assert receive(sqs, dead_letters) == []


def test_a_message_of_unknown_source_fails_the_move_and_stays(
    sqs: "SQSClient", queue: Make
) -> None:
    """It was sent to the dead-letter queue itself."""
    url, arn = queue()
    queue(arn)
    sqs.send_message(QueueUrl=url, MessageBody="whose?")

    assert moved(sqs, arn) == ("FAILED", "CouldNotDetermineMessageSource")

    [message] = wait_until(
        lambda: receive(sqs, url), bool, what="the message again", timeout_s=5
    )
    assert message["Body"] == "whose?"


def test_an_entry_with_attributes_that_sqs_refuses_fails_alone(
    sqs: "SQSClient", queue: Make
) -> None:
    """Of a batch the others are sent; a message alone is an error."""
    url, _ = queue()
    wrong = {"a": {"DataType": "Number", "StringValue": "abc"}}
    with pytest.raises(ClientError, match=r"InvalidParameterValue.*cast the value"):
        sqs.send_message(QueueUrl=url, MessageBody="x", MessageAttributes=wrong)  # type: ignore[arg-type] # as above

    answer = sqs.send_message_batch(
        QueueUrl=url,
        Entries=[
            {"Id": "good", "MessageBody": "x"},
            {"Id": "bad", "MessageBody": "x", "MessageAttributes": wrong},  # type: ignore[typeddict-item] # as above
        ],
    )

    assert [one["Id"] for one in answer["Successful"]] == ["good"]
    [failed] = answer["Failed"]
    assert (failed["Id"], failed["Code"]) == ("bad", "InvalidParameterValue")


def test_a_time_that_is_too_long_is_refused(sqs: "SQSClient", queue: Make) -> None:
    """Of a batch that entry fails alone.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html
    """
    url, _ = queue()
    sqs.send_message(QueueUrl=url, MessageBody="x")
    [handle] = [one["ReceiptHandle"] for one in receive(sqs, url)]
    one: Any = {"Id": "a", "MessageBody": "x", "ReceiptHandle": handle}
    long: Any = one | {"Id": "b", "DelaySeconds": 901, "VisibilityTimeout": 43201}
    one |= {"DelaySeconds": 900, "VisibilityTimeout": 43200}
    hidden = ["ReceiptHandle", "VisibilityTimeout"]
    calls: list[tuple[Any, list[str]]] = [
        (sqs.receive_message, ["VisibilityTimeout"]),
        (sqs.send_message, ["MessageBody", "DelaySeconds"]),
        (sqs.change_message_visibility, hidden),
    ]
    for call, names in calls:
        call(QueueUrl=url, **{name: one[name] for name in names})
        with pytest.raises(ClientError, match=rf"InvalidParameterValue.*{names[-1]}"):
            call(QueueUrl=url, **{name: long[name] for name in names})
    batches: list[tuple[Any, list[str]]] = [
        (sqs.send_message_batch, ["Id", "MessageBody", "DelaySeconds"]),
        (sqs.change_message_visibility_batch, ["Id", *hidden]),
    ]
    for batch, names in batches:
        entries = [{name: of[name] for name in names} for of in (one, long)]
        answer = batch(QueueUrl=url, Entries=entries)
        assert [done["Id"] for done in answer["Successful"]] == ["a"]
        [failed] = answer["Failed"]
        assert (failed["Id"], failed["Code"]) == ("b", "InvalidParameterValue")


def test_no_message_at_all_cannot_be_asked_for(sqs: "SQSClient", queue: Make) -> None:
    """Between 1 and 10; LocalStack takes 0 for 1."""
    url, _ = queue()

    with pytest.raises(ClientError, match="MaxNumberOfMessages is invalid"):
        sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=0)


@pytest.mark.parametrize("subject", ["s" * 100, "two\nlines", "a\ttab"])
def test_a_subject_that_sns_refuses_is_refused(
    subject: str, session: boto3.Session
) -> None:
    """Less than 100 characters, in one line; LocalStack takes any."""
    sns = session.client("sns")
    topic = sns.create_topic(Name=f"t-{uuid4().hex[:8]}")["TopicArn"]
    sns.publish(TopicArn=topic, Message="text", Subject="Rückzahlung A-1001")

    with pytest.raises(ClientError, match="Invalid parameter: Subject"):
        sns.publish(TopicArn=topic, Message="text", Subject=subject)


def test_a_queue_tells_a_number_of_receives_that_it_was_given_as_a_text(
    sqs: "SQSClient",
) -> None:
    """When it is made, made once more, and changed."""
    dead = sqs.create_queue(QueueName=f"q-{uuid4().hex[:8]}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])
    policy = {"deadLetterTargetArn": arn["Attributes"]["QueueArn"]}

    def given(count: str) -> dict[Any, str]:
        return {"RedrivePolicy": json.dumps({**policy, "maxReceiveCount": count})}

    name = f"q-{uuid4().hex[:8]}"
    url, again = (
        sqs.create_queue(QueueName=name, Attributes=given("2"))["QueueUrl"]
        for _ in range(2)
    )
    assert url == again
    for count in (2, 3):
        told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
        redrive = json.loads(told["Attributes"]["RedrivePolicy"])
        assert redrive == {**policy, "maxReceiveCount": count}
        sqs.set_queue_attributes(QueueUrl=url, Attributes=given("3"))
