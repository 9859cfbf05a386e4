"""The dead-letter queues of a stack, and what is in a queue.

A dead-letter queue is the target of a redrive policy of one of the stack's queues.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import batched
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from sam_harness.errors import HarnessError, UsageError

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_lambda import LambdaClient
    from types_boto3_logs import CloudWatchLogsClient
    from types_boto3_sqs import SQSClient
    from types_boto3_sqs.type_defs import MessageTypeDef

BATCH = 10  # the most that SQS hands out, or takes, in one call
# A shorter poll asks only some of SQS's servers and may miss messages.
WAIT_S = 1
# Retries are safe: every call reads, or may be repeated without harm.
_CONFIG = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard"})


@dataclass(frozen=True, slots=True)
class Clients:
    """The AWS clients that the commands need."""

    cloudformation: "CloudFormationClient"
    sqs: "SQSClient"
    functions: "LambdaClient"
    logs: "CloudWatchLogsClient"


def connect(endpoint_url: str | None, region: str | None) -> Clients:
    """Make the clients; credentials come from where AWS's own tools take them."""
    session = boto3.Session(region_name=region)
    return Clients(
        session.client("cloudformation", endpoint_url=endpoint_url, config=_CONFIG),
        session.client("sqs", endpoint_url=endpoint_url, config=_CONFIG),
        session.client("lambda", endpoint_url=endpoint_url, config=_CONFIG),
        session.client("logs", endpoint_url=endpoint_url, config=_CONFIG),
    )


@dataclass(frozen=True, slots=True)
class Queue:
    """One SQS queue."""

    url: str
    arn: str

    @property
    def name(self) -> str:
        """The queue's name, as the console shows it."""
        return self.arn.rpartition(":")[2]


@dataclass(frozen=True, slots=True)
class DeadLetterQueue:
    """A queue and those of the stack's queues whose failures go to it."""

    queue: Queue
    sources: tuple[Queue, ...]


def choose(clients: Clients, stack: str, name: str | None) -> DeadLetterQueue:
    """Return the stack's dead-letter queue, or the one of this name.

    Raises:
        HarnessError: the stack has none.
        UsageError: it has several and none is chosen, or none of this name.
    """
    found = dead_letter_queues(clients, stack)
    if not found:
        raise HarnessError(
            f"stack {stack} has no dead-letter queue: "
            "none of its queues has a redrive policy"
        )
    names = ", ".join(sorted(one.queue.name for one in found))
    if name is None:
        if len(found) > 1:
            raise UsageError(
                f"stack {stack} has several dead-letter queues: choose one with "
                f"--queue ({names})"
            )
        return found[0]
    chosen = [one for one in found if one.queue.name == name]
    if not chosen:
        raise UsageError(
            f"--queue {name}: stack {stack} has no such dead-letter queue ({names})"
        )
    return chosen[0]


def dead_letter_queues(clients: Clients, stack: str) -> list[DeadLetterQueue]:
    """Return what the redrive policies of the stack's queues point to.

    The targets may belong to another stack; the account and region are the same, as
    SQS demands.
    """
    sources: dict[str, list[Queue]] = {}
    for url in _queue_urls(clients, stack):
        attributes = clients.sqs.get_queue_attributes(
            QueueUrl=url, AttributeNames=["QueueArn", "RedrivePolicy"]
        )["Attributes"]
        if policy := attributes.get("RedrivePolicy"):
            target = json.loads(policy)["deadLetterTargetArn"]
            source = Queue(url, attributes["QueueArn"])
            sources.setdefault(target, []).append(source)
    return [
        DeadLetterQueue(_by_arn(clients, arn), tuple(queues))
        for arn, queues in sources.items()
    ]


def consumer_log_groups(clients: Clients, queue: Queue) -> list[str]:
    """Return the log groups of the functions that the queue's messages go to."""
    pages = clients.functions.get_paginator("list_event_source_mappings")
    arns = {
        # Without version or alias: all of them have one log group.
        ":".join(mapping["FunctionArn"].split(":")[:7])
        for page in pages.paginate(EventSourceArn=queue.arn)
        for mapping in page["EventSourceMappings"]
    }
    return [_log_group(clients, arn) for arn in sorted(arns)]


def _queue_urls(clients: Clients, stack: str) -> list[str]:
    pages = clients.cloudformation.get_paginator("list_stack_resources")
    return [
        resource["PhysicalResourceId"]
        for page in pages.paginate(StackName=stack)
        for resource in page["StackResourceSummaries"]
        if resource["ResourceType"] == "AWS::SQS::Queue"
        and resource["ResourceStatus"] != "DELETE_COMPLETE"
    ]


def _by_arn(clients: Clients, arn: str) -> Queue:
    account_id, name = arn.split(":")[4:6]
    url = clients.sqs.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account_id)
    return Queue(url["QueueUrl"], arn)


def _log_group(clients: Clients, function_arn: str) -> str:
    function = clients.functions.get_function_configuration(FunctionName=function_arn)
    named = function.get("LoggingConfig", {}).get("LogGroup")
    return named or f"/aws/lambda/{function['FunctionName']}"


@dataclass(frozen=True, slots=True)
class Depth:
    """How many messages there are, by SQS's own estimate."""

    visible: int
    in_flight: int

    def __str__(self) -> str:
        """Return ``3 messages``, with what another reader holds."""
        text = f"{self.visible} message{'s' * (self.visible != 1)}"
        return text + f" (and {self.in_flight} in flight)" * bool(self.in_flight)


@dataclass(frozen=True, slots=True)
class Received:
    """One message as ReceiveMessage returned it, under its API names."""

    raw: "MessageTypeDef"

    @property
    def message_id(self) -> str:
        """The id that SQS gave it."""
        return self.raw["MessageId"]

    @property
    def receives_before(self) -> int:
        """How often it had been received when this look came."""
        return int(self.raw["Attributes"]["ApproximateReceiveCount"]) - 1

    @property
    def sent_at(self) -> datetime:
        """When it was first sent, in UTC."""
        sent_ms = int(self.raw["Attributes"]["SentTimestamp"])
        return datetime.fromtimestamp(sent_ms / 1000, UTC)

    def texts(self) -> dict[str, str]:
        """Return the string members of a body that is a JSON object."""
        body = json_object(self.raw["Body"])
        return {name: value for name, value in body.items() if isinstance(value, str)}


def depth(sqs: "SQSClient", url: str) -> Depth:
    """Return how many messages the queue holds."""
    attributes = sqs.get_queue_attributes(
        QueueUrl=url,
        AttributeNames=[
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
        ],
    )["Attributes"]
    return Depth(
        int(attributes["ApproximateNumberOfMessages"]),
        int(attributes["ApproximateNumberOfMessagesNotVisible"]),
    )


def receive(sqs: "SQSClient", url: str, visibility_s: int) -> list[Received]:
    """Return the next messages, hidden from others for ``visibility_s``."""
    answer = sqs.receive_message(
        QueueUrl=url,
        MaxNumberOfMessages=BATCH,
        VisibilityTimeout=visibility_s,
        WaitTimeSeconds=WAIT_S,
        MessageSystemAttributeNames=["All"],
        MessageAttributeNames=["All"],
    )
    return [Received(raw) for raw in answer.get("Messages", [])]


def release(sqs: "SQSClient", url: str, held: Iterable[Received]) -> None:
    """Make messages visible again that were received but not deleted."""
    for batch in batched(held, BATCH, strict=False):
        sqs.change_message_visibility_batch(
            QueueUrl=url,
            Entries=[
                {
                    "Id": str(number),
                    "ReceiptHandle": one.raw["ReceiptHandle"],
                    "VisibilityTimeout": 0,
                }
                for number, one in enumerate(batch)
            ],
        )


def json_object(text: str) -> dict[str, object]:
    """Return the JSON object that a text is; an empty one if it is anything else."""
    try:
        parsed: object = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}
