"""SQS: batches authorise as the single action; the queue is named by its URL."""

import base64
import binascii
import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from sam_harness.iam.call import (
    Authorization,
    Call,
    MissingResource,
    add_action,
    by,
    every,
    rules,
    values,
)
from sam_harness.iam.service import (
    Errors,
    ResourcePolicy,
    ResourceType,
    SampleCall,
    Service,
    Subject,
)


def _queue_arn(call: Call) -> str:
    """Return the ARN of the queue in QueueUrl, or of the queue of that name.

    The region may be in the host (``sqs.REGION.…``, ``REGION.queue.…``) or the path
    (``/queue/REGION/…``): the service goes where the URL points.
    """
    written = call.text("QueueUrl")
    url = urlsplit(written)
    path = url.path.strip("/").split("/")
    if not url.netloc and len(path) == 1:
        return call.arn(written)
    region = _region(url.netloc, path) or call.region
    if len(path) not in {2, 4} or not all(path):
        raise MissingResource(f"sqs:{call.operation}: {written!r} is not a queue URL")
    return f"arn:{call.partition}:sqs:{region}:{path[-2]}:{path[-1]}"


def _region(host: str, path: list[str]) -> str | None:
    if len(path) == 4 and path[0] == "queue":
        return path[1]
    labels = host.split(".")
    if labels[0] == "sqs" and len(labels) > 1:
        return labels[1]
    if labels[1:2] == ["queue"]:
        return labels[0]
    # The oldest form of the URL, of the first region.
    return "us-east-1" if labels[0].startswith("queue") else None


def _owned_queue(call: Call) -> str:
    owner = call.parameters.get("QueueOwnerAWSAccountId") or call.account
    return f"arn:{call.partition}:sqs:{call.region}:{owner}:{call.text('QueueName')}"


def _start_move(call: Call) -> Iterable[Authorization]:
    """Redriving reads and deletes from the source, and sends to the destination.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
    """
    source = call.text("SourceArn")
    for action in (
        "StartMessageMoveTask",
        "ReceiveMessage",
        "DeleteMessage",
        "GetQueueAttributes",
    ):
        yield Authorization(f"sqs:{action}", source)
    destination = call.parameters.get("DestinationArn")
    if destination:
        destinations: Iterable[str] = [str(destination)]
    else:
        # Not known where to: only who may send anywhere may do this.
        destinations = call.lookup(source) or ["*"]
    for queue in destinations:
        yield Authorization("sqs:SendMessage", queue)


def _moved_from(call: Call) -> str:
    handle = call.text("TaskHandle")
    try:
        task = values(json.loads(base64.b64decode(handle)))
    except (binascii.Error, ValueError):
        task = {}
    source = task.get("sourceArn")
    if not isinstance(source, str):
        raise MissingResource(f"sqs:{call.operation}: TaskHandle names no queue")
    return source


RULES = rules(
    "sqs",
    {
        _queue_arn: """
            AddPermission ChangeMessageVisibility DeleteMessage DeleteQueue
            ChangeMessageVisibilityBatch=ChangeMessageVisibility
            DeleteMessageBatch=DeleteMessage GetQueueAttributes
            ListDeadLetterSourceQueues ListQueueTags PurgeQueue ReceiveMessage
            RemovePermission SendMessage SendMessageBatch=SendMessage
            SetQueueAttributes TagQueue UntagQueue
        """,
        by("QueueName"): "CreateQueue",
        _moved_from: "CancelMessageMoveTask",
        _owned_queue: "GetQueueUrl",
        by("SourceArn"): "ListMessageMoveTasks",
        every(""): "ListQueues",
    },
)
RULES["StartMessageMoveTask"] = _start_move
add_action(RULES, "CreateQueue", "sqs:TagQueue", "tags")


def _redrive_sources(sqs: Any, arn: str) -> Iterable[str] | None:  # noqa: ANN401 - boto3's client
    """Return the ARNs of the queues that have this one for their dead-letter queue."""
    prefix, name = arn.rsplit(":", 1)
    try:
        url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        listed = sqs.list_dead_letter_source_queues(QueueUrl=url)["queueUrls"]
    except sqs.exceptions.ClientError:
        return None  # then every queue is asked for
    return [f"{prefix}:{one.rsplit('/', 1)[-1]}" for one in listed]


def _url(arn: str) -> str:
    # LocalStack takes region, account and name from it; nothing is sent there.
    return "https://sqs.{3}.amazonaws.com/{4}/{5}".format(*arn.split(":"))


def _read_policy(sqs: Any, arn: str) -> str | None:  # noqa: ANN401 - boto3's client
    told = sqs.get_queue_attributes(QueueUrl=_url(arn), AttributeNames=["Policy"])
    policy: str | None = told.get("Attributes", {}).get("Policy")
    return policy


def _queue(it: Subject, **more: object) -> dict[str, Any]:
    return {"QueueUrl": _url(it.arn), **more}


_REF = "https://sqs.{region}.{url_suffix}/{account}/{name}"
_NO_HANDLE = ("ReceiptHandleIsInvalid",)

SERVICE = Service(
    name="sqs",
    rules=RULES,
    # Its actions are in lower case. LocalStack's serializer makes two codes, one for
    # each of its two protocols, of this one.
    errors=Errors("AccessDenied", given="AccessDeniedException", action=str.lower),
    types={
        "AWS::SQS::Queue": ResourceType(
            "sqs:{region}:{account}:{name}",
            "QueueName",
            ref=_REF,
            attributes={"QueueUrl": _REF},
        ),
        "AWS::SQS::QueuePolicy": ResourceType(
            policies=lambda it: [
                (str(url).rpartition("/")[2], it["PolicyDocument"])
                for url in it["Queues"]
            ]
        ),
    },
    policy=ResourcePolicy(
        _read_policy,
        absent=("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"),
    ),
    lookup=_redrive_sources,
    tags=lambda sqs, arn: sqs.list_queue_tags(QueueUrl=_url(arn)).get("Tags"),
    harmless="ChangeMessage DeleteMessage PurgeQueue Receive SendMessage",
    samples={
        "SendMessage": SampleCall(lambda it: _queue(it, MessageBody="access")),
        "ReceiveMessage": SampleCall(lambda it: _queue(it, VisibilityTimeout=0)),
        "DeleteMessage": SampleCall(
            lambda it: _queue(it, ReceiptHandle="none"), _NO_HANDLE
        ),
        "ChangeMessageVisibility": SampleCall(
            lambda it: _queue(it, ReceiptHandle="none", VisibilityTimeout=0), _NO_HANDLE
        ),
        "GetQueueAttributes": SampleCall(_queue),
        "SetQueueAttributes": SampleCall(
            lambda it: _queue(it, Attributes={"DelaySeconds": "0"})
        ),
        "PurgeQueue": SampleCall(
            _queue, ("AWS.SimpleQueueService.PurgeQueueInProgress",)
        ),
        "DeleteQueue": SampleCall(_queue, destroys=True),
    },
)
