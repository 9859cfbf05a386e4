"""SQS: batches authorise as the single action; the queue is named by its URL."""

import base64
import binascii
import json
from collections.abc import Iterable
from urllib.parse import urlsplit

from harness.iam.mapping.call import (
    Authorization,
    Call,
    MissingResource,
    anything,
    by,
    rule,
    rules,
    values,
    with_tags,
)


def _by_name(call: Call, name: str) -> str:
    return call.arn(name)


def queue_arn(call: Call) -> str:
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


def _get_url(call: Call) -> Iterable[Authorization]:
    owner = call.parameters.get("QueueOwnerAWSAccountId") or call.account
    name = call.text("QueueName")
    queue = f"arn:{call.partition}:sqs:{call.region}:{owner}:{name}"
    return (Authorization("sqs:GetQueueUrl", queue),)


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
        destinations = call.lookups.redrive_sources(source) or ["*"]
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


_MANAGED = rules(
    "sqs",
    {
        queue_arn: """
            AddPermission ChangeMessageVisibility DeleteMessage DeleteQueue
            ChangeMessageVisibilityBatch=ChangeMessageVisibility
            DeleteMessageBatch=DeleteMessage GetQueueAttributes
            ListDeadLetterSourceQueues ListQueueTags PurgeQueue ReceiveMessage
            RemovePermission SendMessage SendMessageBatch=SendMessage
            SetQueueAttributes TagQueue UntagQueue
        """,
        by("QueueName", _by_name): "CreateQueue",
        by("SourceArn", _by_name): "ListMessageMoveTasks",
        anything: "ListQueues",
    },
)
RULES = {
    **_MANAGED,
    **with_tags(_MANAGED, "TagQueue"),
    **with_tags(_MANAGED, "CreateQueue", "tags"),
    "CancelMessageMoveTask": rule("sqs:CancelMessageMoveTask", _moved_from),
    "GetQueueUrl": _get_url,
    "StartMessageMoveTask": _start_move,
}
